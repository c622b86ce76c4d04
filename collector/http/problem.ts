import { STATUS_CODES } from "node:http";
import type { NextFunction, Request, Response } from "express";
import type { Problem } from "../../core/api.ts";
import { codeOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";

/** One thing that is wrong with a request: where, what was found there, what was expected. */
export interface Fault {
  readonly in: "query" | "path" | "header" | "body";
  readonly name: string;
  readonly found: unknown;
  readonly expected: string;
}

/** An answer that is not what was asked for; becomes an RFC 9457 document. `detail` is shown to whoever asked. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: { extensions?: Readonly<Record<string, unknown>>; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.status = status;
    this.extensions = more.extensions ?? {};
    this.headers = more.headers ?? {};
  }
}

/** A request with faults, each of them named. */
export function badRequest(faults: readonly Fault[]): ProblemError {
  const detail = faults.map((fault) => `${fault.in} ${fault.name}: found ${shown(fault.found)}, expected ${fault.expected}`).join("; ");
  return new ProblemError(400, detail, { extensions: { errors: faults } });
}

function shown(found: unknown): string {
  if (found === undefined) return "nothing";
  const text = JSON.stringify(found) ?? String(found);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function sendProblem(response: Response, error: ProblemError): void {
  const body: Problem = {
    type: "about:blank",
    title: STATUS_CODES[error.status] ?? "Error",
    status: error.status,
    detail: error.message,
    ...error.extensions,
  };
  response.status(error.status).set(error.headers).set("cache-control", "no-store").type("application/problem+json");
  response.send(JSON.stringify(body));
}

/** The last of express' handlers: whatever was thrown becomes a problem; what we did not expect is logged and not shown. */
export function problems(log: Log) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const known = problemOf(error);
    if (known === undefined) log.error({ method: request.method, url: request.originalUrl, err: error }, "request met an unexpected error");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, known ?? new ProblemError(500, "an unexpected error, which the collector's log names"));
  };
}

/** Errors of express and its body parsers carry a status (http-errors). */
function problemOf(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return undefined;
  if (error.status < 400 || error.status > 499) return undefined;
  const limit = "limit" in error && typeof error.limit === "number" ? `, at most ${error.limit} bytes are taken` : "";
  return new ProblemError(error.status, `${error.message}${limit}${codeOf(error) === undefined ? "" : ` (${codeOf(error)})`}`);
}
