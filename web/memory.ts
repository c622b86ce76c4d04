/** What this browser was told to remember; undefined where it was told nothing, or may not remember anything. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a text for the next visit. Where storage is forbidden it lasts as long as the page, and nobody is bothered. */
export function remember(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Forbidden, or full.
  }
}
