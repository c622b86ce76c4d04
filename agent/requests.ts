import { deflateRawSync } from "node:zlib";
import { type Batch, encodeBatch, type Gap, type NumberedSeries } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { ColumnBuilder } from "../core/columns.ts";
import { encodeRecord } from "../core/record.ts";
import { noEpoch } from "../core/signature.ts";
import { productVersion } from "../core/version.ts";
import type { Ask } from "./client.ts";
import { lastOf, type SpoolRecord } from "./hand.ts";
import type { SpoolEntry } from "./spool/reader.ts";
import type { Spool } from "./spool/spool.ts";

/** Who sends the requests of docs/delivery.md §3. */
export interface Sender {
  readonly agent: string;
  readonly spool: Pick<Spool, "epoch" | "stats">;
  readonly clock: Clock;
}

const path = "/api/v1/ingest";
/** Most descriptions in one request. */
export const seriesPerRequest = 1000;

/** Where were we? */
export function askMark(sender: Sender): Ask {
  const query = new URLSearchParams({ agent: sender.agent, epoch: sender.spool.epoch });
  return { method: "GET", path: `${path}?${query}`, headers: commonHeaders(sender) };
}

/** Does the collector let this agent in? The question is no sign of the agent's life. */
export function askIfLetIn({ agent, clock }: Pick<Sender, "agent" | "clock">): Ask {
  const query = new URLSearchParams({ agent, epoch: noEpoch });
  return { method: "GET", path: `${path}?${query}`, headers: signedBy({ agent, epoch: noEpoch, clock }) };
}

/** One batch: a record as it stands in the spool, or one that takes the place of what is gone. */
export function sendEntry(sender: Sender, entry: SpoolEntry): Ask {
  const count = entry.kind === "record" ? entry.count : 0;
  const headers = batchHeaders(sender, { type: "batch", seq: lastOf(entry), count });
  return { method: "POST", path, headers, body: entry.kind === "record" ? entry.payload : gapPayload(entry.gap) };
}

/** Several batches that follow one another, as they stand in the spool (§3.7). */
export function sendRun(sender: Sender, run: readonly SpoolRecord[]): Ask {
  const count = run.reduce((sum, record) => sum + record.count, 0);
  const headers = batchHeaders(sender, { type: "batches", seq: run[0]?.seq ?? 0, count });
  return { method: "POST", path, headers, body: Buffer.concat(run.map(encodeRecord)) };
}

/** The present, beside the backlog (§3.8). */
export function sendNow(sender: Sender, batch: Batch): Ask {
  const headers = batchHeaders(sender, { type: "now", seq: Math.max(1, sender.spool.stats().lastSeq), count: batch.readings.length });
  return { method: "POST", path, headers, body: deflateRawSync(encodeBatch(batch)) };
}

function batchHeaders(sender: Sender, batch: { readonly type: string; readonly seq: number; readonly count: number }): Ask["headers"] {
  return {
    ...commonHeaders(sender),
    "content-type": `application/vnd.millwright.${batch.type}`,
    "x-millwright-encoding": "deflate-raw",
    "x-millwright-seq": String(batch.seq),
    "x-millwright-count": String(batch.count),
  };
}

/** What numbers mean, before the batch with this seq is sent. */
export function sendDescriptions(sender: Sender, seq: number, series: readonly NumberedSeries[]): Ask {
  const headers = { ...commonHeaders(sender), "content-type": "application/json", "x-millwright-seq": String(seq) };
  return { method: "POST", path, headers, body: Buffer.from(JSON.stringify({ series }), "utf8") };
}

function commonHeaders({ agent, spool, clock }: Sender): Record<string, string> {
  const { bytes, waiting } = spool.stats();
  return {
    ...signedBy({ agent, epoch: spool.epoch, clock }),
    "x-millwright-spool-bytes": String(bytes),
    "x-millwright-spool-waiting": String(waiting),
  };
}

/** What tells the collector who asks. */
function signedBy({
  agent,
  epoch,
  clock,
}: {
  readonly agent: string;
  readonly epoch: string;
  readonly clock: Clock;
}): Record<string, string> {
  return {
    "x-millwright-agent": agent,
    "x-millwright-epoch": epoch,
    "x-millwright-sent-at": String(clock.now()),
    "x-millwright-version": "1",
    "user-agent": `millwright/${productVersion()}`,
  };
}

const noReadings = new ColumnBuilder(1).view();

function gapPayload(gap: Gap): Buffer {
  return deflateRawSync(encodeBatch({ preamble: { gaps: [gap] }, readings: noReadings }));
}
