import type { DeviceLimits, Labels, SeriesKind, StateMeaning } from "../../../core/reading.ts";
import type { Commit, HighWaterMark, IndexedSeries, SeriesAlias } from "../../../core/store.ts";
import { eventRows, tidyEvents } from "./events.ts";
import type { Session } from "./session.ts";
import type { Row, Writer } from "./writer.ts";

/** Version of the tables below; a store of another one is not touched. */
export const schemaVersion = 1;

/*
 * Every table but `cursors`, `latest` and `meta` is only ever appended to: a row that replaces another has the same key and
 * a higher `rev`. Appending costs microseconds where an update costs a scan; what is replaced is deleted now and then (`tidy`).
 */
export const createTables = `
CREATE TABLE IF NOT EXISTS readings (pos BIGINT, series INTEGER, time BIGINT, value DOUBLE, quality USMALLINT);
CREATE TABLE IF NOT EXISTS series (rev BIGINT, series BIGINT, agent VARCHAR, asset VARCHAR, metric VARCHAR, labels VARCHAR,
  unit VARCHAR, kind VARCHAR, origin VARCHAR, every_ms BIGINT, states VARCHAR);
ALTER TABLE series ADD COLUMN IF NOT EXISTS meanings VARCHAR;
ALTER TABLE series ADD COLUMN IF NOT EXISTS limits VARCHAR;
CREATE TABLE IF NOT EXISTS aliases (rev BIGINT, agent VARCHAR, epoch VARCHAR, number BIGINT, series BIGINT);
CREATE TABLE IF NOT EXISTS marks (rev BIGINT, agent VARCHAR, epoch VARCHAR, seq BIGINT);
CREATE TABLE IF NOT EXISTS facts (rev BIGINT, key VARCHAR, value VARCHAR);
CREATE TABLE IF NOT EXISTS events (rev BIGINT, asset VARCHAR, time BIGINT, event VARCHAR);
CREATE TABLE IF NOT EXISTS cursors (sink VARCHAR, pos BIGINT);
CREATE TABLE IF NOT EXISTS latest (series INTEGER, time BIGINT, value DOUBLE, quality USMALLINT);
CREATE TABLE IF NOT EXISTS meta (key VARCHAR, value BIGINT);
`;

const keys: Readonly<Record<string, readonly string[]>> = {
  series: ["series"],
  aliases: ["agent", "epoch", "number"],
  marks: ["agent", "epoch"],
  facts: ["key"],
};
const numbered: readonly string[] = [...Object.keys(keys), "events"];

/** Deletes rows of the small tables that a later one replaces, and events that are too many. */
export async function tidy(writer: Writer): Promise<void> {
  for (const [table, columns] of Object.entries(keys)) {
    const key = columns.join(", ");
    const same = columns.map((column) => `${table}.${column} = kept.${column}`).join(" AND ");
    await writer.run(
      `DELETE FROM ${table} USING (SELECT ${key}, max(rev) AS rev FROM ${table} GROUP BY ${key}) AS kept WHERE ${same} AND ${table}.rev < kept.rev`,
    );
  }
  // What they replaced is gone by now.
  await writer.run("DELETE FROM facts WHERE value = ''");
  await tidyEvents(writer);
}

/** Deletes every row from `rev` on. */
export async function dropSince(writer: Writer, rev: number): Promise<void> {
  for (const table of numbered) await writer.run(`DELETE FROM ${table} WHERE rev >= ${rev}`);
}

/** Highest number of a row; 0 where there is none. */
export async function lastRev(session: Session): Promise<number> {
  const each = numbered.map((table) => `SELECT max(rev) AS rev FROM ${table}`);
  const [row] = await session.rows(`SELECT max(rev)::DOUBLE FROM (${each.join(" UNION ALL ")})`);
  return Number(row?.[0] ?? 0);
}

/** Appends everything of a commit but its readings, numbering rows from `rev`; returns the next number. */
export async function appendSmall(writer: Writer, commit: Commit, rev: number): Promise<number> {
  let next = rev;
  await writer.rows(
    "series",
    commit.series.map((one) => [next++, ...seriesRow(one)]),
  );
  await writer.rows(
    "aliases",
    commit.aliases.map(({ agent, epoch, number, index }) => [next++, agent, epoch, number, index]),
  );
  await writer.rows(
    "marks",
    commit.marks.map(({ agent, epoch, seq }) => [next++, agent, epoch, seq]),
  );
  await writer.rows(
    "facts",
    [...(commit.facts ?? [])].map(([key, value]) => [next++, key, value]),
  );
  const events = commit.events ?? [];
  await writer.rows("events", eventRows(events, next));
  return next + events.length;
}

function seriesRow(one: IndexedSeries): Row {
  const optional = [one.states, one.meanings, one.limits].map((part) => (part === undefined ? null : JSON.stringify(part)));
  return [
    one.index,
    one.agent,
    one.asset,
    one.metric,
    JSON.stringify(one.labels),
    one.unit,
    one.kind,
    one.origin,
    one.everyMs,
    ...optional,
  ];
}

const newest = (table: string, columns: string): string => {
  const key = (keys[table] ?? []).join(", ");
  return `SELECT ${columns} FROM ${table} QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY rev DESC) = 1`;
};

/** Series by index, from 0, without holes. */
export async function readSeries(session: Session): Promise<readonly IndexedSeries[]> {
  const rows = await session.rows(
    `${newest("series", "series::DOUBLE, agent, asset, metric, labels, unit, kind, origin, every_ms::DOUBLE, states, meanings, limits")} ORDER BY series`,
  );
  return rows.map(([index, agent, asset, metric, labels, unit, kind, origin, everyMs, states, meanings, limits]) => ({
    index: Number(index),
    agent: String(agent),
    asset: String(asset),
    metric: String(metric),
    labels: JSON.parse(String(labels)) as Labels,
    unit: String(unit),
    kind: String(kind) as SeriesKind,
    origin: String(origin),
    everyMs: Number(everyMs),
    ...(states === null ? {} : { states: JSON.parse(String(states)) as Record<number, string> }),
    ...(meanings === null ? {} : { meanings: JSON.parse(String(meanings)) as Record<number, StateMeaning> }),
    ...(limits === null ? {} : { limits: JSON.parse(String(limits)) as DeviceLimits }),
  }));
}

export async function readAliases(session: Session): Promise<readonly SeriesAlias[]> {
  const rows = await session.rows(newest("aliases", "agent, epoch, number::DOUBLE, series::DOUBLE"));
  return rows.map(([agent, epoch, number, index]) => ({
    agent: String(agent),
    epoch: String(epoch),
    number: Number(number),
    index: Number(index),
  }));
}

/** In the order in which they were last moved. */
export async function readMarks(session: Session): Promise<readonly HighWaterMark[]> {
  const rows = await session.rows(`${newest("marks", "agent, epoch, seq::DOUBLE")} ORDER BY rev`);
  return rows.map(([agent, epoch, seq]) => ({ agent: String(agent), epoch: String(epoch), seq: Number(seq) }));
}

export async function readFacts(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.rows(newest("facts", "key, value"));
  return new Map(rows.filter(([, value]) => value !== "").map(([key, value]) => [String(key), String(value)]));
}

/** A number of `meta`; 0 where it was never set. */
export async function readMeta(session: Session, key: string): Promise<number> {
  const [row] = await session.rows(`SELECT max(value)::DOUBLE FROM meta WHERE key = '${key}'`);
  return Number(row?.[0] ?? 0);
}

export async function writeMeta(writer: Writer, key: string, value: number): Promise<void> {
  await writer.run(`DELETE FROM meta WHERE key = '${key}'`);
  await writer.run(`INSERT INTO meta VALUES ('${key}', ${value})`);
}
