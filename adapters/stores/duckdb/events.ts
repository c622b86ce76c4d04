import type { AssetEvent } from "../../../core/asset-event.ts";
import type { EventQuery } from "../../../core/store.ts";
import type { Session } from "./session.ts";
import { quote } from "./sql.ts";
import type { Row, Writer } from "./writer.ts";

/** Most events of one asset that are kept over a clean-up. */
const keptPerAsset = 5000;

/** Rows of the table `events`, numbered from `rev`. */
export function eventRows(events: readonly AssetEvent[], rev: number): readonly Row[] {
  return events.map((event, i) => [rev + i, event.asset, event.time, JSON.stringify(event)]);
}

/** The newest first. */
export async function readEvents(session: Session, { asset, from, to, limit }: EventQuery): Promise<readonly AssetEvent[]> {
  const rows = await session.rows(
    `SELECT event FROM events WHERE asset = ${quote(asset)} AND time >= ${Math.floor(from)} AND time < ${Math.ceil(to)}
       ORDER BY time DESC, rev DESC LIMIT ${Math.floor(limit)}`,
  );
  return rows.map(([text]) => JSON.parse(String(text)) as AssetEvent);
}

/** Deletes what an asset told before its newest thousands. */
export async function tidyEvents(writer: Writer): Promise<void> {
  await writer.run(
    `DELETE FROM events WHERE rev IN (SELECT rev FROM
       (SELECT rev, row_number() OVER (PARTITION BY asset ORDER BY rev DESC) AS place FROM events) WHERE place > ${keptPerAsset})`,
  );
}

/** Deletes events from before this time, ms since epoch. */
export async function pruneEvents(writer: Writer, before: number): Promise<void> {
  await writer.run(`DELETE FROM events WHERE time < ${Math.floor(before)}`);
}
