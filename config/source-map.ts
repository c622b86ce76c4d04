import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Pair, type YAMLMap } from "yaml";
import { messageOf } from "../core/errors.ts";
import { type Fault, faultPlace, type Path, type Position, pathText } from "./fault.ts";
import { composeYaml, TooDeep } from "./yaml-document.ts";

/** Where in a file: the key of a pair, what stands behind it, or (for a key that is missing) the key that encloses it. */
export type Spot = "key" | "value" | "parent";

/** What a file says, and where it says it. */
export interface YamlSource {
  readonly file: string;
  /** Plain objects, lists and scalars; an empty mapping where the file is empty or cannot be used. */
  readonly value: unknown;
  /** False where `value` does not hold what the file says. */
  readonly usable: boolean;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
  /** The nearest place that exists in the file. */
  locate(path: Path, spot: Spot): Position;
}

/** Most values that aliases (`*name`) may expand to: more is an alias bomb. */
const maxAliases = 1000;

/** Reads one YAML 1.2 document; never throws, whatever the text: what is wrong is in `faults`. */
export function readYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), col: Math.max(1, col) };
  };
  try {
    const document = composeYaml(text, lines);
    const found = inspect(document);
    const usable = document.errors.length + document.warnings.length === 0 && found.every((one) => one.severity !== "broken");
    const fault = ({ offset, path, message }: Oddity): Fault => ({ file, at: positionOf(offset), path: pathText(path), message });
    const faults = found.filter(({ severity }) => severity !== "warning").map((one) => fault(explained(one)));
    return {
      file,
      value: (usable ? document.toJS({ maxAliasCount: maxAliases }) : undefined) ?? {},
      usable,
      faults: [...syntaxOddities(document).map(fault), ...faults],
      warnings: found.filter(({ severity }) => severity === "warning").map(fault),
      locate: (path, spot) => positionOf(offsetOf(document, path, spot)),
    };
  } catch (error) {
    const at = positionOf(error instanceof TooDeep ? error.offset : 0);
    return {
      file,
      value: {},
      usable: false,
      faults: [{ file, at, path: "", message: whyUnreadable(error) }],
      warnings: [],
      locate: () => at,
    };
  }

  function explained(one: Oddity): Oddity {
    return one.first === undefined ? one : { ...one, message: `${one.message}, first at ${faultPlace(file, positionOf(one.first))}` };
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof ReferenceError) return `aliases (*name) stand for more than ${maxAliases} values`;
  if (error instanceof TooDeep) return error.message;
  return `cannot be read as YAML: ${messageOf(error)}`;
}

/** Something about the text itself, before any schema. */
interface Oddity {
  /** Of `broken` text no value can be made. */
  readonly severity: "broken" | "fault" | "warning";
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  /** Where the other of two stands. */
  readonly first?: number;
}

function syntaxOddities(document: Document): Oddity[] {
  const all = [...document.errors, ...document.warnings].map(
    (error): Oddity => ({
      severity: "broken",
      offset: error.pos[0],
      path: [],
      message: `not YAML: ${syntaxMessage(error.code, error.message)}`,
    }),
  );
  // The parser says some things once for each line that they go on.
  return all.filter(({ offset, message }, i) => all.findIndex((one) => one.offset === offset && one.message === message) === i);
}

function syntaxMessage(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab, expected blanks as indentation";
  if (code === "MULTIPLE_DOCS") return "a second document (---), expected one for each file";
  if (/closing .?quote/.test(message)) return "a quote that is not closed";
  // What the parser repeats of the text stands behind a colon, a quote or a backslash, and may be a password.
  const safe = message.replace(/((?<=\w): |"|\\).*$/s, "").trim();
  return safe.charAt(0).toLowerCase() + safe.slice(1);
}

/** What YAML allows and a config does not: a key twice, a key that is no text, an alias of nothing, a number that loses its zeros. */
function inspect(document: Document): Oddity[] {
  const found: Oddity[] = [];
  const anchors = new Set<string>();

  const walk = (node: unknown, path: Path): void => {
    const offset = startOf(node) ?? 0;
    if (isAlias(node)) {
      // Its name is not repeated: `password: *x7` may be meant as the password.
      const message = "an alias (*name) without its anchor (&name) before it";
      if (!anchors.has(node.source)) found.push({ severity: "broken", offset, path, message });
      return;
    }
    if (isMap(node)) walkMap(node, path);
    else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
    else if (isScalar(node) && typeof node.value === "number" && /^[-+]?0\d/.test(node.source ?? "")) {
      const message = `${node.source} is read as the number ${node.value}: write "${node.source}" where text is meant`;
      found.push({ severity: "warning", offset, path, message });
    }
    // Only now: an anchor that holds an alias of itself is a loop.
    if (isNode(node) && "anchor" in node && typeof node.anchor === "string") anchors.add(node.anchor);
  };

  const walkMap = (map: YAMLMap, path: Path): void => {
    const seen = new Map<string, number>();
    for (const pair of map.items) {
      const name = keyOf(pair);
      const offset = startOf(pair.key) ?? startOf(map) ?? 0;
      const odd = { offset, path: [...path, name] };
      const first = seen.get(name);
      if (!isScalar(pair.key) || pair.key.value === null)
        found.push({ ...odd, path, severity: "broken", message: "has a key that is no name" });
      else if (name === "__proto__") found.push({ ...odd, severity: "broken", message: "cannot be a key" });
      else if (first !== undefined) found.push({ ...odd, severity: "fault", message: "duplicate key", first });
      else seen.set(name, offset);
      if (isScalar(pair.key)) walk(pair.key, odd.path);
      walk(pair.value, odd.path);
    }
  };

  walk(document.contents, []);
  return found;
}

function keyOf(pair: Pair<unknown, unknown>): string {
  return isScalar(pair.key) ? String(pair.key.value) : "?";
}

function startOf(node: unknown): number | undefined {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range) ? Number(node.range[0]) : undefined;
}

/** Offset of what the path leads to; of the key of the last thing on the way that is there, where it leads nowhere. */
function offsetOf(document: Document, path: Path, spot: Spot): number {
  let node: unknown = document.contents;
  let key = startOf(node) ?? 0;
  let value = key;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? node.items.find((item) => keyOf(item) === String(step)) : undefined;
    const item: unknown = isSeq(node) ? node.items[Number(step)] : undefined;
    if (pair === undefined && item === undefined) return key;
    node = pair === undefined ? item : pair.value;
    key = startOf(pair === undefined ? item : pair.key) ?? key;
    value = startOf(node) ?? key;
  }
  return spot === "value" ? value : key;
}
