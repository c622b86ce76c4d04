import express, { type Request, type RequestHandler, type Response } from "express";
import { z } from "zod";
import { maxBatchReadings } from "../../core/batch.ts";
import { messageOf } from "../../core/errors.ts";
import {
  type BatchRequest,
  type DescribeAnswer,
  type DescribeRequest,
  type IngestAnswer,
  type Intake,
  intakeLimits,
  type NowAnswer,
  type RunAnswer,
  type RunOutcome,
  type Sender,
} from "../intake.ts";
import { badRequest, type Fault, ProblemError } from "./problem.ts";
import { expectationOf, readQuery } from "./query.ts";
import { type Route, sendJson } from "./route.ts";

const batchType = "application/vnd.millwright.batch";
const runType = "application/vnd.millwright.batches";
const nowType = "application/vnd.millwright.now";
/** The last ms that a Date can say (ECMA-262 21.4.1.1). */
const latestTime = 8.64e15;
const path = "/api/v1/ingest";

const uuid = z.uuid().meta({ description: "the uuid of the agent's spool" });
const agentName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/)
  .meta({ description: "an agent's name: letters, digits, '.', '_', '-' and ':'" });
const markQuery = z.object({ agent: agentName, epoch: uuid });

const fromHeaders = { "x-millwright-agent": "the agent's name", "x-millwright-epoch": "uuid of its spool" };
const metaHeaders = { ...fromHeaders, "x-millwright-sent-at": "ms since epoch of the agent's clock", "x-millwright-version": "1" };

/** The protocol of docs/delivery.md: where were we, one batch or several, the present, descriptions. `now` is our clock. */
export function ingestRoutes(intake: Intake, now: () => number): Route[] {
  // What a request says of its time is as of the moment at which its head was here, however slowly its body comes.
  const noteArrival: RequestHandler = (_request, response, next) => {
    response.locals["arrivedAt"] = now();
    next();
  };
  return [
    {
      method: "get",
      path,
      summary: "Up to which sequence number this agent's epoch is stored",
      query: markQuery,
      members: ["mark", "time"],
      handle(request, response) {
        const { agent, epoch } = readQuery(markQuery, request.query);
        sendJson(response, intake.mark(agent, epoch));
      },
    },
    {
      method: "post",
      path,
      summary: "Store one batch of an agent, or several; show its newest values; JSON {series} instead describes series",
      bodyType: batchType,
      headers: {
        ...metaHeaders,
        "x-millwright-encoding": "deflate-raw",
        "x-millwright-seq": "1..2^53-1",
        "x-millwright-count": "readings",
      },
      members: ["ack", "time"],
      problems: {
        401: "not signed, where it has to be, or not with the key of an agent that is enrolled",
        403: "an asset that this agent may not speak for",
        409: "`expect`: batches are missing before this one; `describe`: these series numbers are not known",
        413: "the body is larger than 8 MiB",
        415: "the body is neither a batch nor JSON",
        503: "later, after `retry-after`",
      },
      before: [noteArrival, express.raw({ type: () => true, limit: intakeLimits.bodyBytes, inflate: false })],
      async handle(request, response) {
        const body: unknown = request.body;
        const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
        answer(response, await take(intake, { request, body: bytes, arrivedAt: Number(response.locals["arrivedAt"]) }));
      },
    },
  ];
}

interface Taken {
  readonly request: Request;
  readonly body: Buffer;
  /** ms since epoch. */
  readonly arrivedAt: number;
}

type Answer = IngestAnswer | DescribeAnswer | RunAnswer | NowAnswer;

function take(intake: Intake, { request, body, arrivedAt }: Taken): Promise<Answer> {
  const headers = new Headers(request);
  if (request.is(batchType)) return intake.ingest({ ...readBatchHeaders(headers), arrivedAt, body });
  if (request.is(runType)) return intake.run({ ...readBatchHeaders(headers), arrivedAt, body });
  if (request.is(nowType)) return intake.now({ ...readBatchHeaders(headers), arrivedAt, body });
  if (request.is("application/json")) return intake.describe({ ...readDescriber(headers), arrivedAt, body: parseJson(body) });
  throw new ProblemError(
    415,
    `content-type ${JSON.stringify(request.get("content-type") ?? "")}, expected ${batchType}, ${runType}, ${nowType} or application/json`,
  );
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new ProblemError(400, `the body is not JSON: ${messageOf(error)}`);
  }
}

function answer(response: Response, result: Answer): void {
  switch (result.kind) {
    case "stored":
    case "described":
      sendJson(response, { ack: result.ack, time: result.time });
      return;
    case "duplicate":
      sendJson(response, { ack: result.ack, time: result.time, duplicate: true });
      return;
    case "run":
      sendJson(response, runBody(result.outcomes));
      return;
    case "shown":
      sendJson(response, { time: result.time });
      return;
    case "expect":
      throw new ProblemError(409, `batch ${result.expect} comes next`, { extensions: { expect: result.expect } });
    case "describe":
      throw new ProblemError(409, `${result.describe.length} series numbers are not described`, {
        extensions: { describe: result.describe },
      });
    case "refused":
      throw new ProblemError(result.status, result.reason, { headers: retryAfter(result.retryAfterMs) });
  }
}

/** `ack` is of the last batch that was taken before one that was not. */
function runBody(outcomes: readonly RunOutcome[]): object {
  let last: { readonly ack: number; readonly time: number } | undefined;
  let duplicate = false;
  for (const { answer: each } of outcomes) {
    if (each.kind !== "stored" && each.kind !== "duplicate") break;
    last = { ack: Math.max(each.ack, last?.ack ?? 0), time: each.time };
    duplicate ||= each.kind === "duplicate";
  }
  return { ...last, ...(duplicate ? { duplicate } : {}), outcomes: outcomes.map(outcomeBody) };
}

function outcomeBody({ seq, answer: each }: RunOutcome): object {
  switch (each.kind) {
    case "stored":
      return { seq, status: 200 };
    case "duplicate":
      return { seq, status: 200, duplicate: true };
    case "expect":
      return { seq, status: 409, expect: each.expect };
    case "describe":
      return { seq, status: 409, describe: each.describe };
    case "refused":
      return { seq, status: each.status, detail: each.reason };
  }
}

function retryAfter(ms: number | undefined): Record<string, string> {
  return ms === undefined ? {} : { "retry-after": `${Math.max(1, Math.ceil(ms / 1000))}` };
}

/** A request's headers, read one by one; what is wrong with them is gathered. */
class Headers {
  readonly faults: Fault[] = [];
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  text(name: string, expected: string, fits: (value: string) => boolean): string {
    const found = this.#request.get(name);
    if (found !== undefined && fits(found)) return found;
    this.faults.push({ in: "header", name, found, expected });
    return "";
  }

  optional(name: string): string | undefined {
    return this.#request.get(name);
  }

  integer(name: string, min: number, max: number): number {
    const expected = `a whole number from ${min} to ${max}`;
    return Number(this.text(name, expected, (value) => /^\d{1,16}$/.test(value) && Number(value) >= min && Number(value) <= max));
  }

  check(): void {
    if (this.faults.length > 0) throw badRequest(this.faults);
  }
}

function readDescriber(headers: Headers): Omit<DescribeRequest, "body"> {
  const sender = readMeta(headers);
  const seq =
    headers.optional("x-millwright-seq") === undefined ? {} : { seq: headers.integer("x-millwright-seq", 1, Number.MAX_SAFE_INTEGER) };
  headers.check();
  return { ...sender, ...seq };
}

function readBatchHeaders(headers: Headers): Omit<BatchRequest, "body"> {
  const batch = {
    ...readMeta(headers),
    seq: headers.integer("x-millwright-seq", 1, Number.MAX_SAFE_INTEGER),
    count: headers.integer("x-millwright-count", 0, maxBatchReadings),
  };
  headers.text("x-millwright-encoding", "deflate-raw", (value) => value === "deflate-raw");
  headers.check();
  return batch;
}

function readMeta(headers: Headers): Sender {
  headers.text("x-millwright-version", "1", (value) => value === "1");
  const software = headers.optional("user-agent")?.slice(0, 64);
  const spoolBytes = headers.optional("x-millwright-spool-bytes");
  return {
    agent: headers.text("x-millwright-agent", expectationOf(agentName) ?? "", (value) => agentName.safeParse(value).success),
    epoch: headers.text("x-millwright-epoch", expectationOf(uuid) ?? "", (value) => uuid.safeParse(value).success),
    sentAt: headers.integer("x-millwright-sent-at", 0, latestTime),
    ...(software === undefined ? {} : { version: software }),
    ...(spoolBytes !== undefined && /^\d{1,15}$/.test(spoolBytes) ? { spoolBytes: Number(spoolBytes) } : {}),
  };
}
