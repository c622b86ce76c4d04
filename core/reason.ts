/** What the sentence of a service that is not ok begins with: `is critical since 14:02: `, `is unknown, between ok and major: `. */
const head = /^ is (?:warning|major|critical|unknown)(?: since [\d -]*\d\d:\d\d)?(?:, between \w+ and \w+)?: /;

/**
 * The sentence of a service without its head, for where name, level and time stand beside it already:
 * `MES is warning since 20:09: UPS on battery` is `UPS on battery`. A sentence of another form stays whole.
 */
export function reasonOf({ name, why }: { readonly name: string; readonly why: string }): string {
  if (!why.startsWith(name)) return why;
  const found = head.exec(why.slice(name.length));
  // Only the pronoun: a name is written as its plant writes it.
  return found === null ? why : why.slice(name.length + found[0].length).replace(/^it /, "It ");
}

/**
 * What is said of something whose name stands beside it already: `Filler 31: bearing at 92 °C` is `bearing at 92 °C`, and
 * `Compressor does not answer` is `does not answer`.
 */
export function clauseOf(said: { readonly name: string; readonly why: string }): string {
  const { name, why } = said;
  if (why.startsWith(`${name}: `)) return why.slice(name.length + 2);
  if (why.startsWith(`${name} does not `)) return why.slice(name.length + 1);
  return reasonOf(said);
}
