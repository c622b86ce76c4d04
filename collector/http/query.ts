import { z } from "zod";
import { badRequest, type Fault } from "./problem.ts";

const text = z.string().min(1).max(512);

/** Id of an asset or a service, or a metric's name, as a query parameter. */
export function idParameter(what: string): z.ZodType<string, string> {
  return text.meta({ description: what });
}

/** ms since epoch from either ms or ISO 8601. */
export const timeParameter: z.ZodType<number, string> = text
  .transform((value, context) => {
    const time = /^\d{1,16}$/.test(value) ? Number(value) : isoPattern.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isFinite(time)) return time;
    context.addIssue({ code: "custom" });
    return z.NEVER;
  })
  .meta({ description: "a time in ms since epoch, or ISO 8601 such as 2026-01-01T06:00:00Z" });

const isoPattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$/;

export function integerParameter(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .transform((value, context) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      context.addIssue({ code: "custom" });
      return z.NEVER;
    })
    .meta({ description: `a whole number from ${min} to ${max}` });
}

/** What a query may hold: each parameter's schema carries as its description what is expected. */
export type QueryShape = z.ZodObject<Record<string, z.ZodType>>;

/** Reads a request's query; throws a 400 problem that names every parameter that is wrong, missing or unknown. */
export function readQuery<S extends QueryShape>(shape: S, query: Readonly<Record<string, unknown>>): z.output<S> {
  const read = z.strictObject(shape.shape).safeParse({ ...query });
  if (read.success) return read.data as z.output<S>;
  throw badRequest(read.error.issues.flatMap((issue) => faultsOf(issue, shape, query)));
}

function faultsOf(issue: z.core.$ZodIssue, shape: QueryShape, query: Readonly<Record<string, unknown>>): Fault[] {
  const names = Object.keys(shape.shape);
  if (issue.code === "unrecognized_keys") {
    const expected = names.length === 0 ? "no parameter" : `one of the parameters ${names.join(", ")}`;
    return issue.keys.map((name) => ({ in: "query", name, found: query[name], expected }));
  }
  const name = String(issue.path[0] ?? "");
  return [{ in: "query", name, found: query[name], expected: expectationOf(shape.shape[name]) ?? issue.message }];
}

/** What a parameter's schema says is expected; `.optional()` around it says nothing of its own. */
export function expectationOf(schema: z.ZodType | undefined): string | undefined {
  if (schema instanceof z.ZodOptional) return expectationOf(schema.unwrap() as z.ZodType);
  return schema?.description;
}
