/** Light or dark: as the system says, unless the user has chosen; the choice is kept. */
import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "deepracer-local.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let chosen: Theme = stored();

export function setTheme(theme: Theme): void {
  chosen = theme;
  try {
    window.localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing still shows what was chosen.
  }
  apply();
}

export function startTheme(): void {
  system.addEventListener("change", apply);
  apply();
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => chosen);

/** True where the page is dark now. */
export const useIsDark = (): boolean => useSyncExternalStore(subscribe, isDark);

export const isDark = (): boolean => (chosen === "system" ? system.matches : chosen === "dark");

function apply(): void {
  applyMode(isDark() ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = isDark() ? "dark" : "light";
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stored(): Theme {
  try {
    const value = window.localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}
