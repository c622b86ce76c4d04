import { Alias, type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, visit } from "yaml";
import { messageOf } from "../core/errors.ts";
import { type Fault, faultText, type Path, type Position, pathText } from "./fault.ts";
import { composeYaml, TooDeep } from "./yaml-document.ts";

/** Where in a file: the key of a pair, what stands behind it, or (for a key that is missing) the key that encloses it. */
export type Spot = "key" | "value" | "parent";

/** What a file says, and where it says it. */
export interface YamlSource {
  readonly file: string;
  /** Plain objects, lists and scalars; an empty mapping where the file is empty or has faults. */
  readonly value: unknown;
  readonly faults: readonly Fault[];
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
    const faults = [...syntaxFaults(file, document, positionOf), ...keyFaults(file, document, positionOf)];
    const value = faults.length > 0 ? {} : (document.toJS({ maxAliasCount: maxAliases }) ?? {});
    return { file, value, faults, locate: (path, spot) => positionOf(offsetOf(document, path, spot)) };
  } catch (error) {
    const at = positionOf(error instanceof TooDeep ? error.offset : 0);
    return { file, value: {}, faults: [{ file, at, path: "", message: whyUnreadable(error) }], locate: () => at };
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof ReferenceError) return `aliases (*name) stand for more than ${maxAliases} values`;
  if (error instanceof TooDeep) return error.message;
  return `cannot be read as YAML: ${messageOf(error)}`;
}

function syntaxFaults(file: string, document: Document, positionOf: (offset: number) => Position): Fault[] {
  return [...document.errors, ...document.warnings].map((error) => ({
    file,
    at: positionOf(error.pos[0]),
    path: "",
    message: `not YAML: ${syntaxMessage(error.code, error.message)}`,
  }));
}

function syntaxMessage(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab, expected blanks as indentation";
  if (code === "MULTIPLE_DOCS") return "a second document (---), expected one for each file";
  if (/closing .?quote/.test(message)) return "a quote that is not closed";
  // What the parser repeats of the text stands behind a colon or in quotes, and may be a password.
  const safe = message.replace(/(: |").*$/s, "").trim();
  return safe.charAt(0).toLowerCase() + safe.slice(1);
}

/** What YAML allows and a config does not: a key twice, a key that is no text, an alias of nothing. */
function keyFaults(file: string, document: Document, positionOf: (offset: number) => Position): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Set<string>();
  const fault = (node: unknown, path: Path, message: string): void => {
    faults.push({ file, at: positionOf(startOf(node) ?? 0), path: pathText(path), message });
  };
  visit(document, {
    Node(_key, node) {
      if (node instanceof Alias) {
        if (!anchors.has(node.source)) fault(node, [], `alias *${node.source} without an anchor &${node.source} before it`);
      } else if (node.anchor !== undefined) anchors.add(node.anchor);
    },
    Map(_key, map, ancestors) {
      const seen = new Map<string, Node>();
      for (const pair of map.items) {
        const path = () => [...pathOf([...ancestors, map]), keyOf(pair)];
        if (!isScalar(pair.key) || pair.key.value === null) {
          fault(pair.key ?? map, path(), "is not a key: expected a name");
          continue;
        }
        const name = keyOf(pair);
        const first = seen.get(name);
        if (name === "__proto__") fault(pair.key, path(), "cannot be a key");
        else if (first === undefined) seen.set(name, pair.key);
        else fault(pair.key, path(), `duplicate key, first at ${faultPlace(file, positionOf(startOf(first) ?? 0))}`);
      }
    },
  });
  return faults;
}

/** `plant.yaml:3:5`, for a message that names a second place. */
export function faultPlace(file: string, at: Position): string {
  return faultText({ file, at, path: "", message: "" }).slice(0, -2);
}

function keyOf(pair: Pair<unknown, unknown>): string {
  return isScalar(pair.key) ? String(pair.key.value) : "?";
}

/** Keys and indexes on the way down through these nodes. */
function pathOf(nodes: readonly unknown[]): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (const [i, node] of nodes.entries()) {
    if (isPair(node)) path.push(keyOf(node));
    else if (isSeq(node)) path.push(node.items.indexOf(nodes[i + 1]));
  }
  return path.filter((key) => key !== -1);
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
