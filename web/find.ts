/** Whether every word of what somebody looks for is found somewhere in these texts. */
export function matches(texts: readonly string[], sought: string): boolean {
  const text = texts.join(" ").toLowerCase();
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Labels as people look for them: `type=filler`. */
export function labelTexts(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}
