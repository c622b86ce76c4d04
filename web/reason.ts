import type { ShownLevel } from "../core/asset-view.ts";

/**
 * The sentence of a service without its head, for where name, level and time stand beside it already:
 * `MES is warning since 20:09: UPS on battery` is `UPS on battery`. A sentence of another form stays whole.
 */
export function reasonOf({ name, level, why }: { readonly name: string; readonly level: ShownLevel; readonly why: string }): string {
  const head = `${name} is ${level} since `;
  if (!why.startsWith(head)) return why;
  const at = why.indexOf(": ", head.length);
  return at < 0 ? why : why.slice(at + 2);
}
