import express, { type Request, type Response } from "express";
import { z } from "zod";
import type { CollectorView } from "../view.ts";
import { badRequest, type Fault, ProblemError } from "./problem.ts";
import { readQuery } from "./query.ts";
import { type Route, sendJson } from "./route.ts";

/** Who sends: an agent, and the numbering of its spool. */
export interface IngestFrom {
  readonly agent: string;
  readonly epoch: string;
}

/** What a request says beside its body (docs/delivery.md §3.2). */
export interface IngestMeta extends IngestFrom {
  /** ms since epoch of the agent's clock when this try began. */
  readonly sentAt: number;
}

export interface BatchMeta extends IngestMeta {
  readonly seq: number;
  /** Readings in the batch. */
  readonly count: number;
}

/** How the collector answers, before it becomes a status (docs/delivery.md §3). */
export type IngestAnswer =
  | { readonly kind: "stored"; readonly ack: number | null; readonly duplicate?: boolean }
  /** Batches are missing before this one. */
  | { readonly kind: "expect"; readonly expect: number }
  /** These series numbers are not known. */
  | { readonly kind: "describe"; readonly describe: readonly number[] }
  /** This batch will never be taken. */
  | { readonly kind: "refused"; readonly status: 400 | 413 | 422; readonly detail: string }
  /** Later. */
  | { readonly kind: "busy"; readonly status: 429 | 503; readonly detail: string; readonly retryAfterMs: number };

/** The collector's door for agents, without any transport. */
export interface IngestDoor {
  mark(from: IngestFrom): number | null;
  batch(meta: BatchMeta, payload: Buffer): Promise<IngestAnswer>;
  describe(meta: IngestMeta, series: unknown): Promise<IngestAnswer>;
}

const batchType = "application/vnd.millwright.batch";
const maxBodyBytes = 8 << 20;
const path = "/api/v1/ingest";

const uuid = z.uuid().meta({ description: "the uuid of the agent's spool" });
const agentName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/)
  .meta({ description: "an agent's name: letters, digits, '.', '_', '-' and ':'" });
const markQuery = z.object({ agent: agentName, epoch: uuid });

const fromHeaders = { "x-millwright-agent": "the agent's name", "x-millwright-epoch": "uuid of its spool" };
const metaHeaders = { ...fromHeaders, "x-millwright-sent-at": "ms since epoch of the agent's clock", "x-millwright-version": "1" };

/** The protocol of docs/delivery.md: where were we, one batch, descriptions. */
export function ingestRoutes(view: CollectorView, door: IngestDoor): Route[] {
  return [
    {
      method: "get",
      path,
      summary: "Up to which sequence number this agent's epoch is stored",
      query: markQuery,
      members: ["mark", "time"],
      handle(request, response) {
        const from = readQuery(markQuery, request.query);
        sendJson(response, { mark: door.mark(from), time: view.now() });
      },
    },
    {
      method: "post",
      path,
      summary: "Store one batch of an agent; JSON {series} instead describes series",
      bodyType: batchType,
      headers: {
        ...metaHeaders,
        "x-millwright-encoding": "deflate-raw",
        "x-millwright-seq": "1..2^53-1",
        "x-millwright-count": "readings",
      },
      members: ["ack", "time"],
      problems: {
        409: "`expect`: batches are missing before this one; `describe`: these series numbers are not known",
        413: "the body is larger than 8 MiB",
        415: "the body is neither a batch nor JSON",
        422: "this batch is not what its headers say",
        503: "later, after `retry-after`",
      },
      before: [express.raw({ type: () => true, limit: maxBodyBytes, inflate: false })],
      async handle(request, response) {
        const body: unknown = request.body;
        const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
        answer(view, response, await take(door, request, bytes));
      },
    },
  ];
}

function take(door: IngestDoor, request: Request, bytes: Buffer): Promise<IngestAnswer> {
  if (request.is(batchType)) return door.batch(batchMeta(request), bytes);
  if (request.is("application/json")) return door.describe(metaOf(new Headers(request)), seriesOf(bytes));
  throw new ProblemError(
    415,
    `content-type ${JSON.stringify(request.get("content-type") ?? "")}, expected ${batchType} or application/json`,
  );
}

function seriesOf(bytes: Buffer): unknown {
  try {
    const body: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof body === "object" && body !== null && "series" in body ? body.series : undefined;
  } catch (error) {
    throw new ProblemError(400, `the body is not JSON: ${error instanceof Error ? error.message : ""}`);
  }
}

function answer(view: CollectorView, response: Response, result: IngestAnswer): void {
  switch (result.kind) {
    case "stored":
      sendJson(response, { ack: result.ack, time: view.now(), ...(result.duplicate ? { duplicate: true } : {}) });
      return;
    case "expect":
      throw new ProblemError(409, `batch ${result.expect} comes next`, { extensions: { expect: result.expect } });
    case "describe":
      throw new ProblemError(409, `${result.describe.length} series numbers are not known`, { extensions: { describe: result.describe } });
    case "refused":
      throw new ProblemError(result.status, result.detail);
    case "busy": {
      const seconds = Math.max(1, Math.ceil(result.retryAfterMs / 1000));
      throw new ProblemError(result.status, result.detail, { headers: { "retry-after": `${seconds}` } });
    }
  }
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

  integer(name: string, min: number, max: number): number {
    const expected = `a whole number from ${min} to ${max}`;
    return Number(this.text(name, expected, (value) => /^\d{1,16}$/.test(value) && Number(value) >= min && Number(value) <= max));
  }

  check(): void {
    if (this.faults.length > 0) throw badRequest(this.faults);
  }
}

function readMeta(headers: Headers): IngestMeta {
  const meta = {
    agent: headers.text("x-millwright-agent", agentName.description ?? "", (value) => agentName.safeParse(value).success),
    epoch: headers.text("x-millwright-epoch", uuid.description ?? "", (value) => uuid.safeParse(value).success),
    sentAt: headers.integer("x-millwright-sent-at", 0, 8.64e15),
  };
  headers.text("x-millwright-version", "1", (value) => value === "1");
  return meta;
}

function metaOf(headers: Headers): IngestMeta {
  const meta = readMeta(headers);
  headers.check();
  return meta;
}

function batchMeta(request: Request): BatchMeta {
  const headers = new Headers(request);
  const meta = {
    ...readMeta(headers),
    seq: headers.integer("x-millwright-seq", 1, Number.MAX_SAFE_INTEGER),
    count: headers.integer("x-millwright-count", 0, 1 << 20),
  };
  headers.text("x-millwright-encoding", "deflate-raw", (value) => value === "deflate-raw");
  headers.check();
  return meta;
}
