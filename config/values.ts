import { z } from "zod";
import { Secret, secretFault } from "./secret.ts";

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;

/** `90s`, `1m30s`, `2.5h`, `500ms` to ms; undefined where it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) total += Number(number) * (durationUnits[unit ?? ""] ?? 0);
  return total;
}

/** 90000 to `1m30s`: what parseDuration reads back. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** `2GiB`, `500MB` to bytes; undefined where it is not a size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kKMGT]i?B|B)$/.exec(text);
  if (match === null) return undefined;
  const unit = sizeUnits[match[2] ?? ""];
  return unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}

/** A text that becomes something else; refused with what was expected. */
function text<T>(expected: string, pattern: string | undefined, parse: (from: string) => T | undefined): z.ZodType<T, string> {
  const input = pattern === undefined ? z.string() : z.string().meta({ pattern });
  return input.meta({ description: expected }).transform((from, context) => {
    const value = parse(from);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `${JSON.stringify(from)} is not ${expected}`, input: from });
    return z.NEVER;
  });
}

/** ms in the typed config. */
export const duration = text("a duration such as 500ms, 30s, 1m30s, 2h or 90d", durationPattern.source, parseDuration);
/** bytes in the typed config. */
export const size = text("a size such as 500MB or 2GiB", undefined, parseSize);

export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;
export const id = z.string().regex(idPattern, "an id is letters, digits, '.', '_', '-' and ':', and starts with a letter or digit");
export const metricName = z.string().regex(/^[a-z][a-z0-9_]*$/, "a metric is a Prometheus name in base units, such as temperature_celsius");
export const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a label is letters, digits and '_', and starts with a letter or '_'");

/** Values that YAML reads as numbers (`line: 3`) are meant as text. */
export const labelValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
export const labels = z.record(labelName, labelValue);

/** The folder that relative paths of the file being read are relative to; set by the loader for each file. */
let directory = ".";
export function withDirectory<T>(folder: string, read: () => T): T {
  const before = directory;
  directory = folder;
  try {
    return read();
  } finally {
    directory = before;
  }
}

export const secret: z.ZodType<Secret, string> = z
  .string()
  .meta({ description: "file:PATH or env:NAME" })
  .transform((reference, context) => {
    const fault = secretFault(reference);
    if (fault === undefined) return new Secret(reference, directory);
    // The text may be the secret itself: it is not repeated.
    context.addIssue({ code: "custom", message: fault });
    return z.NEVER;
  });
