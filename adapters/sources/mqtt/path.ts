import { SourceError } from "../../../core/errors.ts";

/** Steps into a JSON value: a string is a member of an object, a number an element of an array. */
export type JsonPath = readonly (string | number)[];

const step = /\.([^.[\]'"\s]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/suy;

/** Reads `$`, `$.bar`, `$.axes[0].temp`, `$.a['c d']` (the part of RFC 9535 that names one value). Throws SourceError (config). */
export function parsePath(text: string): JsonPath {
  const steps: (string | number)[] = [];
  if (!text.startsWith("$")) throw pathFault(text, 0);
  let at = 1;
  while (at < text.length) {
    step.lastIndex = at;
    const match = step.exec(text);
    if (match === null) throw pathFault(text, at);
    const [whole, name, index, single, double] = match;
    steps.push(index === undefined ? (name ?? withoutEscapes(single ?? double ?? "")) : Number(index));
    at += whole.length;
  }
  return steps;
}

/** The value at the end of the path; undefined where the way there is missing. Sees own members only, so `__proto__` is a name like any other. */
export function lookUp(value: unknown, path: JsonPath): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null) return undefined;
    if (Array.isArray(here) !== (typeof key === "number") || !Object.hasOwn(here, key)) return undefined;
    here = Reflect.get(here, key);
  }
  return here;
}

function withoutEscapes(quoted: string): string {
  return quoted.replace(/\\(.)/gsu, "$1");
}

function pathFault(text: string, at: number): SourceError {
  const rest = JSON.stringify(text.slice(at, at + 20));
  return new SourceError(
    "config",
    `JSON path ${JSON.stringify(text)}: ${rest} at ${at} is not a step such as .name, [0] or ['a name']; a path starts with $`,
  );
}
