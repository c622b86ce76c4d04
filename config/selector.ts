import { z } from "zod";
import { labels, textForm } from "./values.ts";

/** Which assets: every label must be equal. `id` stands for the asset's own id. */
export interface Selector {
  readonly labels: Readonly<Record<string, string>>;
}

export interface Selectable {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** True when the asset carries every label of the selector. */
export function selects(selector: Selector, asset: Selectable): boolean {
  for (const [name, value] of Object.entries(selector.labels)) {
    if ((name === "id" ? asset.id : asset.labels[name]) !== value) return false;
  }
  return true;
}

/** `{type=filler,line=3}` as text, for messages. */
export function selectorText(selector: Selector): string {
  return `{${Object.entries(selector.labels)
    .map(([name, value]) => `${name}=${/^[^\s",={}]+$/.test(value) ? value : `"${value}"`}`)
    .join(",")}}`;
}

const labelPattern = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*(?:"([^"]*)"|([^\s",={}]+))\s*(,|$)/y;

/** Reads `{type=filler, line="3"}`; undefined where it is not a selector, or names a label twice. */
export function parseSelector(text: string): Selector | undefined {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1];
  if (inner === undefined) return undefined;
  const found = new Map<string, string>();
  labelPattern.lastIndex = 0;
  for (let more = true; more; ) {
    const match = labelPattern.exec(inner);
    const name = match?.[1];
    if (match === null || name === undefined || found.has(name) || name === "__proto__") return undefined;
    found.set(name, match[2] ?? match[3] ?? "");
    more = match[4] === ",";
  }
  return { labels: Object.fromEntries(found) };
}

const selectorType = z.object({ labels: z.record(z.string(), z.string()) });

/** `{ type: filler, line: 3 }` in YAML. */
export const selectorMap: z.ZodType<Selector, Record<string, string | number | boolean>> = z.codec(
  labels
    .refine((map) => Object.keys(map).length > 0, "a selector needs at least one label")
    .meta({ description: "labels that an asset must carry" }),
  selectorType,
  { decode: (map) => ({ labels: map }), encode: (selector) => ({ ...selector.labels }) },
);

/** `"{type=filler,line=3}"` in YAML. */
export const selectorLine: z.ZodType<Selector, string> = textForm({
  expected: 'a selector such as "{type=filler,line=3}"',
  parse: parseSelector,
  format: selectorText,
  type: selectorType,
});
