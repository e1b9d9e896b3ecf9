/** The frame of every page: top and side navigation, notifications, and how the connection is. */
import Alert from "@cloudscape-design/components/alert";
import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";

import { useLinkState } from "../api/live";
import { useSandbox } from "../api/queries";
import { useFollow } from "./link";
import { NotificationBar } from "./notifications";
import { type Theme, setTheme, useTheme } from "./theme";

export interface Crumb {
  text: string;
  href: string;
}

const NAME = "deepracer_local";
const PAGES: SideNavigationProps.Item[] = [
  { type: "link", text: "Home", href: "/" },
  { type: "link", text: "Models", href: "/models" },
  { type: "link", text: "Train a model", href: "/create" },
  { type: "link", text: "Laps", href: "/laps" },
  { type: "link", text: "Tracks", href: "/tracks" },
  { type: "link", text: "Learn", href: "/learn" },
  { type: "divider" },
  { type: "link", text: "System", href: "/system" },
  { type: "link", text: "API reference", href: "/docs", external: true, externalIconAriaLabel: "Opens in a new tab" },
];
const THEMES: { id: Theme; text: string }[] = [
  { id: "system", text: "As the system" },
  { id: "light", text: "Light" },
  { id: "dark", text: "Dark" },
];
const QUIET_MS = 1_500;
const WIDE = "(min-width: 1100px)";
const PHONE = "(max-width: 688px)";

const Crumbs = createContext<(crumbs: Crumb[]) => void>(() => undefined);

/** Sets the trail above the page and the title of the tab. */
export function useCrumbs(...crumbs: Crumb[]): void {
  const set = useContext(Crumbs);
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    const trail = JSON.parse(key) as Crumb[];
    set(trail);
    document.title = [...trail.map((crumb) => crumb.text).reverse(), NAME].join(" - ");
  }, [set, key]);
}

export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const follow = useFollow();
  const theme = useTheme();
  const [crumbs, setCrumbs] = useState<Crumb[]>([]);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    // Asked here and not at the first rendering: a window that is just being made has no width yet.
    const wide = window.matchMedia(WIDE);
    const follow = () => setOpen(wide.matches);
    follow();
    wide.addEventListener("change", follow);
    return () => wide.removeEventListener("change", follow);
  }, []);
  const trail = useMemo(() => [{ text: "Home", href: "/" }, ...crumbs], [crumbs]);
  return (
    <Crumbs.Provider value={setCrumbs}>
      <header id="top">
        <TopNavigation
          identity={{ href: "/", title: NAME, logo: { src: "/favicon.svg", alt: "" }, onFollow: follow }}
          utilities={[
            {
              type: "menu-dropdown",
              iconName: "settings",
              text: "Appearance",
              ariaLabel: "Appearance",
              items: THEMES.map(({ id, text }) => ({ id, text, itemType: "checkbox" as const, checked: id === theme })),
              onItemClick: ({ detail }) => setTheme(detail.id as Theme),
            },
          ]}
        />
      </header>
      <AppLayout
        headerSelector="#top"
        toolsHide
        navigationOpen={isOpen}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigation={
          <SideNavigation
            activeHref={activeOf(path)}
            items={PAGES}
            onFollow={(event) => {
              follow(event);
              if (window.matchMedia(PHONE).matches) setOpen(false);
            }}
          />
        }
        breadcrumbs={crumbs.length > 0 ? <BreadcrumbGroup items={trail} onFollow={follow} /> : undefined}
        notifications={
          <SpaceBetween size="xs">
            <Connection />
            <Wall />
            <NotificationBar />
          </SpaceBetween>
        }
        content={children}
        contentType="default"
        ariaLabels={{ navigation: "Pages", navigationClose: "Close the menu", navigationToggle: "Open the menu", notifications: "Notifications" }}
      />
    </Crumbs.Provider>
  );
}

/** Says that the page is not up to date, once that has lasted. */
function Connection() {
  const state = useLinkState();
  const [isLate, setLate] = useState(false);
  const isDown = state === "waiting" || state === "connecting";
  useEffect(() => {
    setLate(false);
    if (!isDown) return undefined;
    const timer = window.setTimeout(() => setLate(true), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [isDown]);
  if (state === "refused")
    return (
      <Alert type="warning" header="You are signed out">
        Run <Box variant="code">deepracer-local jobs link</Box> on the service&apos;s machine, open its link, then load this
        page again.
      </Alert>
    );
  if (!isDown || !isLate) return null;
  return (
    <Alert type="info" header="The service does not answer">
      This page comes back by itself when the service does, and misses nothing. Trainings are not disturbed.
    </Alert>
  );
}

/** Says that reward functions are not kept in, where the machine cannot do that. */
function Wall() {
  const { data: sandbox } = useSandbox();
  if (sandbox === undefined || sandbox.is_safe) return null;
  return (
    <Alert type="warning" header="Train only your own reward functions">
      {sandbox.message}
    </Alert>
  );
}

function activeOf(path: string): string {
  return ["/models", "/create", "/laps", "/tracks", "/learn", "/system"].find((page) => path === page || path.startsWith(`${page}/`)) ?? "/";
}
