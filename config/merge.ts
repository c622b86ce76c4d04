import { type Fault, faultPlace, type Path, type Position, pathText } from "./fault.ts";
import { kindOf } from "./quote.ts";
import type { Spot, YamlSource } from "./source-map.ts";

/** Several files as one config. */
export interface MergedSource {
  readonly value: Readonly<Record<string, unknown>>;
  readonly faults: readonly Fault[];
  locate(path: Path, spot: Spot): Position;
  fileOf(path: Path): string;
}

/** How a key that stands in several files becomes one: its entries by id, its list items one after the other, or not at all. */
type Rule = "once" | "entries" | "items" | { readonly [key: string]: Rule };

const rules: Rule = {
  brokers: "entries",
  assets: "entries",
  alarms: "entries",
  calendars: "entries",
  services: "entries",
  users: "entries",
  maintenance: "items",
  notify: { routes: "items", channels: "entries" },
};

interface Origin {
  readonly source: YamlSource;
  readonly path: Path;
}

type Mapping = Record<string, unknown>;
const isMapping = (value: unknown): value is Mapping => typeof value === "object" && value !== null && !Array.isArray(value);

/** Merges files: sections by id, lists one after the other. What two files say is a fault that names both places. */
export function mergeSources(sources: readonly YamlSource[]): MergedSource {
  const value: Mapping = {};
  const merger = createMerger(sources);
  for (const source of sources) {
    if (isMapping(source.value)) merger.merge({ into: value, from: source.value, rule: rules, origin: { source, path: [] }, at: [] });
    else merger.refuse(source);
  }
  return { value, ...merger.result };
}

interface Step {
  readonly into: Mapping;
  readonly from: Mapping;
  readonly rule: Rule;
  readonly origin: Origin;
  /** Path in the merged value. */
  readonly at: Path;
}

function createMerger(sources: readonly YamlSource[]) {
  const faults: Fault[] = [];
  const origins = new Map<string, Origin>();
  const keep = (at: Path, origin: Origin): void => {
    if (!origins.has(JSON.stringify(at))) origins.set(JSON.stringify(at), origin);
  };
  const first = sources[0];
  if (first !== undefined) keep([], { source: first, path: [] });

  const originOf = (path: Path): Origin & { rest: Path } => {
    for (let length = path.length; length >= 0; length--) {
      const origin = origins.get(JSON.stringify(path.slice(0, length)));
      if (origin !== undefined) return { ...origin, rest: path.slice(length) };
    }
    throw new Error("a config without files has no places");
  };
  const locate = (path: Path, spot: Spot): Position => {
    const origin = originOf(path);
    return origin.source.locate([...origin.path, ...origin.rest], spot);
  };
  const fileOf = (path: Path): string => originOf(path).source.file;

  const twice = (at: Path, { source, path }: Origin): void => {
    const message = `duplicate key, first at ${faultPlace(fileOf(at), locate(at, "key"))}`;
    faults.push({ file: source.file, at: source.locate(path, "key"), path: pathText(at), message });
  };

  const merge = ({ into, from, rule, origin, at }: Step): void => {
    for (const [key, part] of Object.entries(from)) {
      // A section with nothing in it (all commented out) is as good as none.
      if (part === null && at.length === 0) continue;
      const step = { rule: ruleOf(rule, key), origin: { ...origin, path: [...origin.path, key] }, at: [...at, key] };
      const before = into[key];
      if (Array.isArray(part) && step.rule === "items" && (before === undefined || Array.isArray(before))) {
        into[key] = [...(before ?? []), ...part];
        for (const index of part.keys())
          keep([...step.at, (before?.length ?? 0) + index], { ...origin, path: [...step.origin.path, index] });
      } else if (isMapping(part) && step.rule !== "once" && step.rule !== "items" && (before === undefined || isMapping(before))) {
        const section: Mapping = before ?? {};
        into[key] = section;
        keep(step.at, step.origin);
        merge({ ...step, into: section, from: part });
      } else if (before === undefined) into[key] = part;
      else twice(step.at, step.origin);
      keep(step.at, step.origin);
    }
  };
  const refuse = (source: YamlSource): void => {
    faults.push({ file: source.file, at: source.locate([], "value"), path: "", message: `is ${kindOf(source.value)}, expected a mapping` });
  };
  return { merge, refuse, result: { faults, locate, fileOf } };
}

/** Below a section that is merged by id stand its entries, each of them once. */
function ruleOf(rule: Rule, key: string): Rule {
  return typeof rule === "string" ? "once" : Object.hasOwn(rule, key) ? (rule[key] ?? "once") : "once";
}
