import { z } from "zod";
import type { Fault, Path } from "./fault.ts";
import { pathText } from "./fault.ts";
import { kindOf, quote } from "./quote.ts";
import type { Spot, YamlSource } from "./source-map.ts";
import { choiceList, didYouMean, nearest } from "./suggest.ts";

/** Something wrong with a value, before it has a place in a file. */
export interface Finding {
  readonly path: Path;
  readonly spot: Spot;
  readonly message: string;
}

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly findings: readonly Finding[] };

type Issue = z.core.$ZodIssue;

/** Checks a value against a schema; everything that is wrong is found at once. */
export function check<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const result = schema.safeParse(value, { reportInput: true, error: describe });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, findings: withoutEchoes(result.error.issues.flatMap((issue) => findingsOf(issue, []))) };
}

/** A finding with its place. */
export function faultOf(finding: Finding, source: Pick<YamlSource, "locate"> & { fileOf(path: Path): string }): Fault {
  return {
    file: source.fileOf(finding.path),
    at: source.locate(finding.path, finding.spot),
    path: pathText(finding.path),
    message: finding.message,
  };
}

const nouns: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a mapping",
  record: "a mapping",
};
const noun = (expected: string): string => nouns[expected] ?? expected;
const isContainer = (value: unknown): boolean => typeof value === "object";

/** What zod found, in the words of an operator. Undefined leaves zod's own. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return mismatch(issue.input, noun(issue.expected));
  if (issue.code === "invalid_value") return notAmong(issue.input, issue.values.map(String));
  if (issue.code === "unrecognized_keys") return unknownKeys(issue);
  if (issue.code === "too_small") return tooSmall(issue);
  if (issue.code === "too_big") return tooBig(issue);
  return undefined;
}

function mismatch(input: unknown, expected: string): string {
  if (input === undefined) return `is missing, expected ${expected}`;
  // A whole mapping or list in the wrong place may hold anything, secrets too: only its kind is said, and so for what stands for one.
  if (isContainer(input) || expected === "a mapping" || expected === "a list") return `is ${kindOf(input)}, expected ${expected}`;
  return `${quote(input)} is not ${expected}${expected === "true or false" ? truthHint(input) : ""}`;
}

function truthHint(input: unknown): string {
  if (input === "yes" || input === "on") return " (did you mean true?)";
  return input === "no" || input === "off" ? " (did you mean false?)" : "";
}

function notAmong(input: unknown, values: readonly string[]): string {
  const choices = [...new Set(values)];
  const expected = choices.length === 1 ? choices[0] : `one of ${choiceList(choices)}`;
  if (input === undefined || isContainer(input)) return mismatch(input, `${expected}`);
  return `${quote(input)} is not ${expected}${didYouMean(String(input), choices)}`;
}

/** One line for each key, in the order of `keys`: findingsOf takes them apart again. */
function unknownKeys(issue: z.core.$ZodRawIssue<z.core.$ZodIssueUnrecognizedKeys>): string {
  const allowed = allowedKeys(issue.inst);
  return issue.keys.map((key) => `unknown key, expected one of ${choiceList(allowed)}${didYouMean(key, allowed)}`).join("\n");
}

function allowedKeys(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  const keys = schema instanceof z.ZodRecord ? schema.def.keyType._zod.values : undefined;
  return keys === undefined ? [] : [...keys].map(String);
}

function tooSmall({ input, origin, minimum, inclusive }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  if (origin === "string") return "is empty, expected text";
  if (Array.isArray(input)) return `has ${input.length} items, expected at least ${minimum}`;
  return inclusive === false ? `${quote(input)} is not more than ${minimum}` : `${quote(input)} is less than ${minimum}`;
}

function tooBig({ input, origin, maximum }: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>): string {
  if (Array.isArray(input)) return `has ${input.length} items, expected at most ${maximum}`;
  return origin === "string" ? `is longer than ${maximum} letters` : `${quote(input)} is more than ${maximum}`;
}

function findingsOf(issue: Issue, above: Path): Finding[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") return unionFindings(issue, path);
  if (issue.code === "invalid_key") return [{ path, spot: "key", message: issue.issues[0]?.message ?? issue.message }];
  if (issue.code !== "unrecognized_keys") return [{ path, spot: isMissing(issue) ? "parent" : "value", message: issue.message }];
  const messages = issue.message.split("\n");
  return issue.keys.map((key, i) => ({ path: [...path, key], spot: "key", message: messages[i] ?? issue.message }));
}

function isMissing(issue: Issue): boolean {
  return (issue.code === "invalid_type" || issue.code === "invalid_value" || issue.code === "invalid_union") && issue.input === undefined;
}

/** The findings of the branch that fits best, or what all branches would have taken. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path): Finding[] {
  const branches = issue.errors.filter((branch) => !branch.some(isWrongKind));
  const best = branches.sort((a, b) => misfit(a) - misfit(b))[0];
  if (best !== undefined) return best.flatMap((inner) => findingsOf(inner, path));
  const spot = issue.input === undefined ? "parent" : "value";
  return [{ path, spot, message: alternatives(issue.input, issue.errors.flat()) }];
}

/** The branch takes another kind of value altogether. */
function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return issue.errors.every((branch) => branch.some(isWrongKind));
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

function misfit(branch: readonly Issue[]): number {
  let sum = 0;
  for (const issue of branch) {
    if (issue.code === "unrecognized_keys") sum += 2 * issue.keys.length;
    else if (issue.code === "invalid_union") sum += Math.min(...issue.errors.map(misfit));
    else sum += isMissing(issue) ? 2 : 1;
  }
  return sum;
}

function alternatives(input: unknown, issues: readonly Issue[]): string {
  const flat = issues.flatMap((issue) => (issue.code === "invalid_union" ? issue.errors.flat() : [issue]));
  const values = flat.flatMap((issue) => (issue.code === "invalid_value" ? issue.values.map(String) : []));
  const types = flat.flatMap((issue) => (issue.code === "invalid_type" ? [noun(issue.expected)] : []));
  if (types.length === 0) return notAmong(input, values);
  return mismatch(input, [...new Set([...values, ...types])].join(" or "));
}

/** A misspelt key is one fault, not two: that the right key is missing is not said again. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const meant = new Set<string>();
  for (const finding of findings) {
    const name = finding.spot === "key" ? /\(did you mean (.*)\?\)$/.exec(finding.message)?.[1] : undefined;
    if (name !== undefined) meant.add(pathText([...finding.path.slice(0, -1), name]));
  }
  return findings.filter((finding) => finding.spot !== "parent" || !meant.has(pathText(finding.path)));
}

/** `core-sw-9 is not one of the assets here (did you mean core-sw-1?)`; undefined where it is known. */
export function unknownName(kind: string, name: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(name)) return undefined;
  const near = nearest(name, known);
  const hint = near !== undefined ? ` (did you mean ${near}?)` : "";
  const expected = near === undefined && known.size > 0 ? `, expected one of ${choiceList([...known])}` : "";
  return `${quote(name)} is not a known ${kind}${expected}${hint}`;
}
