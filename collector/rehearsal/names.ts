/** Whether names are those expected, in any order; any are where none are expected. */
export function sameNames(expected: readonly string[] | undefined, found: readonly string[]): boolean {
  return expected === undefined || [...expected].sort().join() === [...found].sort().join();
}

export function namesText(names: readonly string[]): string {
  return names.join(", ") || "none";
}
