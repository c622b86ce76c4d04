import { z } from "zod";
import { labels } from "./values.ts";

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
    .map(([name, value]) => `${name}=${value}`)
    .join(",")}}`;
}

/** Reads `{type=filler, line="3"}`; undefined where it is not a selector. */
export function parseSelector(text: string): Selector | undefined {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1];
  if (inner === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const part of inner.split(",")) {
    const match = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*(?:"([^"]*)"|([^\s",={}]+))\s*$/.exec(part);
    if (match === null) return undefined;
    found[match[1] ?? ""] = match[2] ?? match[3] ?? "";
  }
  return { labels: found };
}

/** `{ type: filler, line: 3 }` in YAML. */
export const selectorMap: z.ZodType<Selector, Record<string, string | number | boolean>> = labels
  .refine((map) => Object.keys(map).length > 0, "a selector needs at least one label")
  .transform((map) => ({ labels: map }));

/** `"{type=filler,line=3}"` in YAML. */
export const selectorLine: z.ZodType<Selector, string> = z.string().transform((text, context) => {
  const selector = parseSelector(text);
  if (selector !== undefined) return selector;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is not a selector such as "{type=filler,line=3}"` });
  return z.NEVER;
});
