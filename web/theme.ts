import { useEffect, useState } from "preact/hooks";
import { recall, remember } from "./memory.ts";

export type Theme = "auto" | "light" | "dark";

const themes: readonly Theme[] = ["auto", "light", "dark"];
const key = "millwright-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** The theme that was chosen on this machine. */
function stored(): Theme {
  return themes.find((theme) => theme === recall(key)) ?? "auto";
}

/** Puts the theme onto the page, so that the style sheet has one place to ask. */
export function applyTheme(theme: Theme = stored()): void {
  const resolved = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  if (document.documentElement.dataset["theme"] === resolved) return;
  document.documentElement.dataset["theme"] = resolved;
  dispatchEvent(new Event("themechange"));
}

dark.addEventListener("change", () => applyTheme());

/** The chosen theme, and what goes on to the next one. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(stored);
  const next = (): void => {
    const chosen = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "auto";
    remember(key, chosen);
    applyTheme(chosen);
    setTheme(chosen);
  };
  return [theme, next];
}

/** Grows each time the theme changes: what is drawn on a canvas has to be drawn anew. */
export function useThemeVersion(): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const changed = (): void => setVersion((n) => n + 1);
    addEventListener("themechange", changed);
    return () => removeEventListener("themechange", changed);
  }, []);
  return version;
}
