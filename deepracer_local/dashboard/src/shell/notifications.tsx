/** What the page tells the user at its top; each stays until it is dismissed or, where good news, for a while. */
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";

import { ApiError, messageOf } from "../api/client";

export interface Notice {
  type: "success" | "error" | "info" | "warning";
  header?: string;
  content: ReactNode;
  action?: ReactNode;
}

interface Notifications {
  items: FlashbarProps.MessageDefinition[];
  notify: (notice: Notice) => void;
  /** Tells what went wrong; `doing` ends "Could not …". */
  fail: (doing: string, error: unknown) => void;
}

const SUCCESS_MS = 6_000;
const AT_MOST = 5;
const Context = createContext<Notifications | null>(null);

export function NotificationsProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const number = useRef(0);
  const dismiss = useCallback((id: string) => setItems((all) => all.filter((item) => item.id !== id)), []);
  const notify = useCallback(
    (notice: Notice) => {
      const id = String(++number.current);
      const item: FlashbarProps.MessageDefinition = {
        id,
        ...notice,
        dismissible: true,
        dismissLabel: "Dismiss",
        onDismiss: () => dismiss(id),
        ...(notice.type === "error" ? { ariaRole: "alert" as const } : {}),
      };
      setItems((all) => [item, ...all].slice(0, AT_MOST));
      if (notice.type === "success") window.setTimeout(() => dismiss(id), SUCCESS_MS);
    },
    [dismiss],
  );
  const fail = useCallback(
    (doing: string, error: unknown) => {
      const isSignedOut = error instanceof ApiError && error.isSignedOut;
      notify({
        type: "error",
        header: `Could not ${doing}`,
        content: isSignedOut ? "You are signed out. Run `deepracer-local jobs link` and open its link." : messageOf(error),
      });
    },
    [notify],
  );
  const value = useMemo(() => ({ items, notify, fail }), [items, notify, fail]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useNotifications(): Notifications {
  const value = useContext(Context);
  if (value === null) throw new Error("useNotifications is for components inside NotificationsProvider");
  return value;
}

export function NotificationBar() {
  return <Flashbar items={useNotifications().items} stackItems />;
}
