import { effect } from "@preact/signals";
import { LANGUAGES, preferredLanguage } from "./language.ts";
import { stored } from "./stored.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What the person has chosen; views read and write these. */
export const language = stored("language", LANGUAGES, preferredLanguage(navigator.languages));
export const theme = stored<Theme>("theme", THEMES, "system");
export const singleKeys = stored("single-keys", ["on", "off"], "on");

/** Have the document follow the choices, now and whenever they change. */
export function applyPreferences(root: HTMLElement): void {
  effect(() => {
    root.lang = language.value;
  });
  effect(() => {
    root.dataset.theme = theme.value;
  });
}

/** Go on to the next theme. */
export function changeTheme(): void {
  const next = (THEMES.indexOf(theme.value) + 1) % THEMES.length;
  theme.value = THEMES[next] ?? "system";
}
