import { deflateRawSync } from "node:zlib";
import { encodeBatch, type Gap, type NumberedSeries } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { ColumnBuilder } from "../core/columns.ts";
import { productVersion } from "../core/version.ts";
import type { Ask } from "./client.ts";
import type { SpoolEntry } from "./spool/reader.ts";
import type { Spool } from "./spool/spool.ts";

/** The three requests of docs/delivery.md §3. */
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

/** One batch: a record as it stands in the spool, or one that takes the place of what is gone. */
export function sendEntry(sender: Sender, entry: SpoolEntry): Ask {
  const headers = {
    ...commonHeaders(sender),
    "content-type": "application/vnd.millwright.batch",
    "x-millwright-encoding": "deflate-raw",
    "x-millwright-seq": String(seqOf(entry)),
    "x-millwright-count": String(entry.kind === "record" ? entry.count : 0),
  };
  return { method: "POST", path, headers, body: entry.kind === "record" ? entry.payload : gapPayload(entry.gap) };
}

/** What numbers mean, before the batch with this seq is sent. */
export function sendDescriptions(sender: Sender, seq: number, series: readonly NumberedSeries[]): Ask {
  const headers = { ...commonHeaders(sender), "content-type": "application/json", "x-millwright-seq": String(seq) };
  return { method: "POST", path, headers, body: Buffer.from(JSON.stringify({ series }), "utf8") };
}

/** The seq that an entry is sent under. */
export function seqOf(entry: SpoolEntry): number {
  return entry.kind === "record" ? entry.seq : entry.gap.lastSeq;
}

function commonHeaders({ agent, spool, clock }: Sender): Record<string, string> {
  const { bytes, waiting } = spool.stats();
  return {
    "x-millwright-agent": agent,
    "x-millwright-epoch": spool.epoch,
    "x-millwright-sent-at": String(clock.now()),
    "x-millwright-version": "1",
    "user-agent": `millwright/${productVersion()}`,
    "x-millwright-spool-bytes": String(bytes),
    "x-millwright-spool-waiting": String(waiting),
  };
}

const noReadings = new ColumnBuilder(1).view();

function gapPayload(gap: Gap): Buffer {
  return deflateRawSync(encodeBatch({ preamble: { gaps: [gap] }, readings: noReadings }));
}
