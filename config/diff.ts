import type { Config } from "./schema.ts";
import { Secret } from "./secret.ts";

/** Ids of one section that a reload touches, each list sorted. */
export interface SectionDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

const byId = ["brokers", "assets", "alarms", "calendars", "services", "users"] as const;
const whole = ["agent", "collector", "maintenance", "notify"] as const;
type SectionById = (typeof byId)[number];
type WholeSection = (typeof whole)[number];

/** What differs between two configs. An asset that is in none of the lists keeps its connections over a reload. */
export interface ConfigDiff extends Readonly<Record<SectionById, SectionDiff>> {
  /** Sections without ids that differ. */
  readonly sections: readonly WholeSection[];
  /** Nothing differs. */
  readonly same: boolean;
}

/** Compares two configs; secrets by what they refer to, since their values are read anew whenever they are used. */
export function diffConfig(before: Config, after: Config): ConfigDiff {
  const sections = whole.filter((name) => !sameValue(before[name], after[name]));
  const entries = byId.map((name) => [name, diffEntries(before[name], after[name])] as const);
  const same =
    sections.length === 0 && entries.every(([, { added, removed, changed }]) => added.length + removed.length + changed.length === 0);
  return { ...(Object.fromEntries(entries) as Record<SectionById, SectionDiff>), sections, same };
}

/** Most ids of one section in a line: the first reload of a site may add a hundred thousand. */
const named = 20;

/** One line for a log: `assets +pump-9 ~filler-31 -meter-2, alarms ~bearing-hot`. */
export function diffText(diff: ConfigDiff): string {
  const parts = byId.flatMap((name) => {
    const { added, removed, changed } = diff[name];
    const marks = [...added.map((id) => `+${id}`), ...changed.map((id) => `~${id}`), ...removed.map((id) => `-${id}`)];
    const more = marks.length > named ? ` and ${marks.length - named} more` : "";
    return marks.length === 0 ? [] : [`${name} ${marks.slice(0, named).join(" ")}${more}`];
  });
  return [...parts, ...diff.sections.map((name) => `${name} ~`)].join(", ") || "nothing";
}

type Entries = Readonly<Record<string, unknown>>;

function diffEntries(before: Entries, after: Entries): SectionDiff {
  const added = Object.keys(after).filter((id) => !Object.hasOwn(before, id));
  const removed = Object.keys(before).filter((id) => !Object.hasOwn(after, id));
  const changed = Object.keys(after).filter((id) => Object.hasOwn(before, id) && !sameValue(before[id], after[id]));
  return { added: added.sort(), removed: removed.sort(), changed: changed.sort() };
}

/** Deep equality of plain values; the order of keys does not matter, that of lists does. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Secret || b instanceof Secret) return a instanceof Secret && b instanceof Secret && a.same(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  if (left.size !== right.size) return false;
  for (const [key, value] of left) if (!right.has(key) || !sameValue(value, right.get(key))) return false;
  return true;
}
