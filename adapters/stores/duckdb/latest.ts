import type { ReadingColumns } from "../../../core/columns.ts";
import type { Session } from "./session.ts";
import { writeMeta } from "./tables.ts";
import type { Writer } from "./writer.ts";

/**
 * The newest reading of each series: what the snapshot has, and what came after position `from`. Reading the table whole would
 * take a second per 10 million rows at every start.
 */
const newest = (from: number): string => `
  SELECT series, time, value, quality FROM (
    SELECT series, time, value, quality, 1 AS fresh FROM readings
      WHERE pos >= ${from} AND pos IN (SELECT arg_max(pos, time) FROM readings WHERE pos >= ${from} GROUP BY series)
    UNION ALL SELECT series, time, value, quality, 0 AS fresh FROM latest
  ) QUALIFY row_number() OVER (PARTITION BY series ORDER BY time DESC, fresh DESC) = 1`;

export async function readLatest(session: Session, from: number): Promise<ReadingColumns> {
  return await session.columns(`SELECT series, time::DOUBLE, value, quality FROM (${newest(from)}) ORDER BY series`);
}

/** Brings the snapshot up to position `to`, from where it was last. */
export async function snapshotLatest(writer: Writer, span: { from: number; to: number }): Promise<void> {
  await writer.run(`CREATE OR REPLACE TABLE latest AS ${newest(span.from)}`);
  await writeMeta(writer, "latest_to", span.to);
}
