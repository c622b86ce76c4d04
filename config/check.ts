import { z } from "zod";
import type { Fault, Path } from "./fault.ts";
import { pathText } from "./fault.ts";
import { kindOf, quote } from "./quote.ts";
import type { Spot, YamlSource } from "./source-map.ts";
import { choiceList, didYouMean, nearest, orList } from "./suggest.ts";

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
  if (issue.code === "invalid_format") return issue.format === "url" ? "a URL" : `text of the form ${issue.pattern ?? issue.format}`;
  return undefined;
}

function mismatch(input: unknown, expected: string): string {
  if (input === undefined) return `is missing, expected ${expected}`;
  // A whole mapping or list in the wrong place may hold anything, secrets too: only its kind is said, and so for what stands for one.
  if (isContainer(input) || expected === "a mapping" || expected === "a list") return `is ${kindOf(input)}, expected ${expected}`;
  if (expected === "text") return `${quote(input)} is not text (write "${quote(input)}")`;
  return `${quote(input)} is not ${expected}${expected === "true or false" ? truthHint(input) : ""}`;
}

function truthHint(input: unknown): string {
  if (input === "yes" || input === "on") return " (did you mean true?)";
  return input === "no" || input === "off" ? " (did you mean false?)" : "";
}

function notAmong(input: unknown, values: readonly string[]): string {
  const choices = [...new Set(values)];
  const expected =
    choices.length === 1 ? choices[0] : choices.length > 24 ? `one of the ${choices.length} choices` : `one of ${choiceList(choices)}`;
  if (input === undefined || isContainer(input)) return mismatch(input, `${expected}`);
  return `${quote(input)} is not ${expected}${didYouMean(String(input), choices)}`;
}

/** One line for each key, in the order of `keys`: findingsOf takes them apart again. */
function unknownKeys(issue: z.core.$ZodRawIssue<z.core.$ZodIssueUnrecognizedKeys>): string {
  const allowed = allowedKeys(issue.inst);
  return issue.keys.map((key) => unknownKey(key, allowed)).join("\n");
}

function unknownKey(key: string, allowed: readonly string[]): string {
  return `unknown key, expected ${allowed.length === 1 ? "" : "one of "}${choiceList(allowed)}${didYouMean(key, allowed)}`;
}

function allowedKeys(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  const keys = schema instanceof z.ZodRecord ? schema.def.keyType._zod.values : undefined;
  return keys === undefined ? [] : [...keys].map(String);
}

function tooSmall({ input, origin, minimum, inclusive }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  if (origin === "string") return "is empty, expected text";
  if (Array.isArray(input)) return `has ${input.length} item${input.length === 1 ? "" : "s"}, expected at least ${minimum}`;
  return inclusive === false ? `${quote(input)} is not more than ${minimum}` : `${quote(input)} is less than ${minimum}`;
}

function tooBig({ input, origin, maximum }: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>): string {
  if (Array.isArray(input)) return `has ${input.length} items, expected at most ${maximum}`;
  return origin === "string" ? `is longer than ${maximum} letters` : `${quote(input)} is more than ${maximum}`;
}

function findingsOf(issue: Issue, above: Path): Finding[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") return unionFindings(issue, path);
  if (issue.code === "invalid_key") return [{ path, spot: "key", message: messageOf(issue.issues[0] ?? issue) }];
  if (issue.code !== "unrecognized_keys") return [{ path, spot: spotOf(messageOf(issue)), message: messageOf(issue) }];
  const messages = issue.message.split("\n");
  return issue.keys.map((key, i) => ({ path: [...path, key], spot: "key", message: messages[i] ?? issue.message }));
}

/** A pattern's message is what was expected (`host:port`): what was found is put before it. */
function messageOf(issue: Issue): string {
  return issue.code === "invalid_format" ? `${quote(issue.input)} is not ${issue.message}` : issue.message;
}

const spotOf = (message: string): Spot => (message.startsWith("is missing") ? "parent" : "value");

/** The findings of the branch that fits best, or what all branches would have taken. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path): Finding[] {
  const branches = issue.errors.filter((branch) => !branch.some(isWrongKind));
  if (branches.length === 0) {
    const message = alternatives(issue.input, issue.errors.flat());
    return [{ path, spot: spotOf(message), message }];
  }
  const fits = branches.map((branch) => withoutEchoes(branch.flatMap((inner) => findingsOf(inner, path))));
  const least = Math.min(...fits.map(misfit));
  const best = fits.filter((findings) => misfit(findings) === least);
  return best.length > 1 ? undecided(best, path) : best.flat();
}

/** No branch fits better than the others: what tells them apart is the key that each of them misses. */
function undecided(branches: readonly (readonly Finding[])[], path: Path): Finding[] {
  const wanted = branches.flat().filter((finding) => finding.spot === "parent");
  const names = [...new Set(wanted.map((finding) => String(finding.path.at(-1))))];
  const unknown = (branches[0] ?? []).filter((finding) => finding.spot === "key");
  if (names.length < 2) return [...(branches[0] ?? [])];
  if (unknown.length === 0) return [{ path, spot: "value", message: `has none of the keys ${orList(names)}` }];
  return unknown.map((finding) => ({ ...finding, message: unknownKey(String(finding.path.at(-1)), names) }));
}

/** The branch takes another kind of value altogether. */
function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return issue.errors.every((branch) => branch.some(isWrongKind));
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/** How badly a branch fits: a misspelt key says that it is meant, a foreign one that it is not. */
function misfit(findings: readonly Finding[]): number {
  let sum = 0;
  for (const { spot, message } of findings) sum += spot === "key" && !message.includes("did you mean") ? 3 : spot === "parent" ? 2 : 1;
  return sum;
}

function alternatives(input: unknown, issues: readonly Issue[]): string {
  const flat = issues.flatMap((issue) => (issue.code === "invalid_union" ? issue.errors.flat() : [issue]));
  const values = flat.flatMap((issue) => (issue.code === "invalid_value" ? issue.values.map(String) : []));
  const types = flat.flatMap((issue) => (issue.code === "invalid_type" ? [noun(issue.expected)] : []));
  if (types.length === 0) return notAmong(input, values);
  return mismatch(input, orList([...new Set([...values, ...types])]));
}

/** A misspelt key is one fault, not two: that the right key is missing, or that the mapping lacks something, is not said again. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const meant = new Set<string>();
  const around = new Set<string>();
  for (const { spot, path, message } of findings) {
    const name = spot === "key" ? /\(did you mean (.*)\?\)$/.exec(message)?.[1] : undefined;
    if (name === undefined) continue;
    meant.add(pathText([...path.slice(0, -1), name]));
    around.add(pathText(path.slice(0, -1)));
  }
  const isEcho = { key: () => false, parent: (path: Path) => meant.has(pathText(path)), value: (path: Path) => around.has(pathText(path)) };
  return findings.filter(({ spot, path }) => !isEcho[spot](path));
}

/** `core-sw-9 is not one of the assets here (did you mean core-sw-1?)`; undefined where it is known. */
export function unknownName(kind: string, name: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(name)) return undefined;
  const near = nearest(name, known);
  const hint = near !== undefined ? ` (did you mean ${near}?)` : "";
  const expected = near === undefined && known.size > 0 ? `, expected one of ${choiceList([...known])}` : "";
  return `${quote(name)} is not a known ${kind}${expected}${hint}`;
}
