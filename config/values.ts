import { z } from "zod";
import { quote } from "./quote.ts";
import { literalSecret, Secret, secretFault, secretForms } from "./secret.ts";
import { didYouMean } from "./suggest.ts";

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

/** Bytes to `2GiB`: what parseSize reads back. */
export function formatSize(bytes: number): string {
  for (const unit of ["TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "kB"]) {
    const size = sizeUnits[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** How a text of the config becomes a value, and back for `config show`. */
interface TextForm<T> {
  /** Such as "a duration such as 30s": completes "is not". */
  readonly expected: string;
  readonly pattern?: string;
  readonly parse: (text: string) => T | undefined;
  readonly format: (value: T) => string;
  /** Type of the value: `config show` finds by it from which branch of a union a value came. */
  readonly type: z.ZodType<T, T>;
}

/** A text that becomes something else; refused with what was expected. */
export function textForm<T>({ expected, pattern, parse, format, type }: TextForm<T>): z.ZodType<T, string> {
  const error = ({ input }: { input?: unknown }) => (input === undefined ? undefined : `${quote(input)} is not ${expected}`);
  const input = z.string({ error }).meta({ description: expected, ...(pattern === undefined ? {} : { pattern }) });
  return z.codec(input, type, {
    decode(text, context): T {
      const value = parse(text);
      if (value !== undefined) return value;
      context.issues.push({ code: "custom", message: `${quote(text)} is not ${expected}`, input: text });
      return z.NEVER;
    },
    encode: format,
  });
}

/** ms in the typed config. */
export const duration = textForm({
  expected: "a duration such as 500ms, 30s, 1m30s, 2h or 90d",
  pattern: durationPattern.source,
  parse: parseDuration,
  format: formatDuration,
  type: z.number(),
});
/** bytes in the typed config. */
export const size = textForm({ expected: "a size such as 500MB or 2GiB", parse: parseSize, format: formatSize, type: z.number() });

// The messages of patterns are what is expected: check.ts puts what was found before them.
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;
export const id = z.string().regex(idPattern, "an id: letters, digits, '.', '_', '-' and ':', the first one a letter or digit");
export const metricName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "a metric: small letters, digits and '_', in base units, such as temperature_celsius");
export const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a label's name: letters, digits and '_', the first one no digit");

/** Values that YAML reads as numbers (`line: 3`) are meant as text. */
export const labelValue = z.codec(z.union([z.string(), z.number(), z.boolean()]), z.string(), { decode: String, encode: (text) => text });
export const labels = z.record(labelName, labelValue);

export const httpUrl = z
  .url({ protocol: /^https?$/, error: "an http:// or https:// URL" })
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), "holds a user or password: they have keys of their own");

/** A name of the IANA time zone data base. */
export const zone = z
  .string()
  .refine(isZone, { error: ({ input }) => `${quote(input)} is not a time zone of the IANA data base${zoneMeant(String(input))}` });

function zoneMeant(found: string): string {
  return didYouMean(found, Intl.supportedValuesOf("timeZone")) || ", such as Europe/Prague";
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

// A text here may be the secret itself: neither message repeats it.
const secretReference = z.string({ error: ({ input }) => (input === undefined ? `is missing, expected ${secretForms}` : literalSecret) });

/** A reference to a secret; the loader gives it the config's folder. */
export const secret: z.ZodType<Secret, string> = z.codec(secretReference.meta({ description: secretForms }), z.instanceof(Secret), {
  decode(reference, context) {
    const fault = secretFault(reference);
    if (fault === undefined) return new Secret(reference, ".");
    context.issues.push({ code: "custom", message: fault, input: undefined });
    return z.NEVER;
  },
  encode: String,
});
