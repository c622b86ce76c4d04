export type Facts = Map<string, string>;

/** Facts of several kinds as one; of two with the same key the later one counts. The parts are handed over: the first that has any takes the others in. */
export function gatherFacts(...parts: readonly Facts[]): Facts {
  const [all = new Map<string, string>(), ...others] = parts.filter(({ size }) => size > 0);
  for (const part of others) for (const [key, text] of part) all.set(key, text);
  return all;
}

/** A fact of the store as it was written; undefined where it cannot be read, which is as good as none. */
export function parseFact(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
