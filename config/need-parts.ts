import { z } from "zod";
import { membersNeeded } from "./quorum.ts";
import { quote } from "./quote.ts";
import type { Need } from "./services.ts";
import { id, idPattern } from "./values.ts";

/** An asset or a service that a need names, and how much it counts. */
export interface NeedPart {
  readonly kind: "asset" | "service";
  readonly id: string;
  /** Whole, 1 or more. */
  readonly weight: number;
}

type PartsNeed = Extract<Need, { kind: "parts" }>;

/** Reads `service a`, or says what is wrong with it. */
function parsePart(text: string): NeedPart | string {
  const [, kind, name = ""] = /^(service|asset)\s+(\S+)$/.exec(text.trim()) ?? [];
  if (kind === undefined) return `${quote(text.trim())} is not "service ID" or "asset ID"`;
  return idPattern.test(name) ? { kind: kind as NeedPart["kind"], id: name, weight: 1 } : `${quote(name)} is not an id`;
}

/** Reads `service a, asset b`, also in brackets; the text says what is wrong where it cannot be read. */
export function parseParts(text: string): readonly NeedPart[] | string {
  const inner = /^\((.*)\)$/s.exec(text.trim())?.[1] ?? text;
  const parts: NeedPart[] = [];
  for (const item of inner.split(",")) {
    const part = parsePart(item);
    if (typeof part === "string") return part;
    parts.push(part);
  }
  return parts;
}

/** What parseParts reads back; undefined where a weight has to be said. */
export function partsText(parts: readonly NeedPart[]): string | undefined {
  return parts.every(({ weight }) => weight === 1) ? parts.map(({ kind, id: name }) => `${kind} ${name}`).join(", ") : undefined;
}

const partType = z.strictObject({ kind: z.enum(["asset", "service"]), id: z.string(), weight: z.number() });
const partText: z.ZodType<NeedPart, string> = z.codec(z.string(), partType, {
  decode(text, context) {
    const part = parsePart(text);
    if (typeof part !== "string") return part;
    context.issues.push({ code: "custom", message: part, input: text });
    return z.NEVER;
  },
  encode(part, context) {
    if (part.weight === 1) return `${part.kind} ${part.id}`;
    context.issues.push({ code: "custom", message: "needs the long form", input: part });
    return z.NEVER;
  },
});
const weight = z.int().min(1).max(1_000_000).default(1).describe("how much it counts beside the others");
const partMap = z.union([z.strictObject({ asset: id, weight }), z.strictObject({ service: id, weight })]);
const partLong: z.ZodType<NeedPart, z.input<typeof partMap>> = z.codec(partMap, partType, {
  decode: (part) =>
    "asset" in part
      ? { kind: "asset" as const, id: part.asset, weight: part.weight }
      : { kind: "service" as const, id: part.service, weight: part.weight },
  encode: (part) => (part.kind === "asset" ? { asset: part.id, weight: part.weight } : { service: part.id, weight: part.weight }),
});

/** `[service a, { service: b, weight: 2 }, asset x]` in YAML. */
export const needParts = z.array(z.union([partText, partLong])).min(1);

/** How much of the weight of all parts a need asks for. */
export function weightNeeded(quorum: PartsNeed["quorum"], parts: readonly NeedPart[]): { needed: number; total: number } {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  return { needed: membersNeeded(quorum, total), total };
}

/** What is wrong with a need of named parts, their names aside. */
export function partsFaults({ parts, quorum, degradedBelow }: PartsNeed): readonly string[] {
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const { kind, id: name } of parts) {
    if (seen.has(`${kind} ${name}`)) faults.push(`${kind} ${name} stands twice`);
    seen.add(`${kind} ${name}`);
  }
  const { needed, total } = weightNeeded(quorum, parts);
  const all = total === parts.length ? `names ${total} parts` : `names parts of a weight of ${total} together`;
  if (needed > total) return [...faults, `${all}, and ${needed} of them are needed`];
  if (degradedBelow === undefined) return faults;
  const degraded = weightNeeded(degradedBelow, parts).needed;
  if (degraded > total) return [...faults, `${all}, and with fewer than ${degraded} the service is degraded: it always is`];
  return degraded < needed ? [...faults, `is degraded below ${degraded}, but needs ${needed}: the degraded state can never show`] : faults;
}

/** Services that a need names, with their places below it. */
export function servicesOf(need: Need): readonly { readonly id: string; readonly path: readonly (string | number)[] }[] {
  if (need.kind === "service") return [{ id: need.service, path: [] }];
  if (need.kind !== "parts") return [];
  return need.parts.flatMap((part, i) => (part.kind === "service" ? [{ id: part.id, path: ["of", i] }] : []));
}
