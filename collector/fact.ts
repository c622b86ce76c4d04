/** A fact of the store as it was written; undefined where it cannot be read, which is as good as none. */
export function parseFact(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
