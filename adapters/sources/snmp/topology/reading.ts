import { SourceError } from "../../../../core/errors.ts";
import { Q } from "../../../../core/quality.ts";
import type { TopologyTable } from "../../../../core/topology.ts";
import { BulkSize } from "../bulksize.ts";
import { isAbsent, type Requests } from "../requests.ts";
import { RowSet } from "../row-set.ts";
import { walk } from "../walk.ts";
import type { Cell } from "./identifiers.ts";
import { type BridgeTables, type Cells, type RawTables, type ScalarName, scalars, type TableName, tableNames, tables } from "./tables.ts";

/** Of one table's answers together: 4,096 rows of forwarding table are 250 kB. */
const mostTableBytes = 2_000_000;

export interface ReadingOptions {
  readonly requests: Requests;
  /** Whom we ask, for messages. */
  readonly target: string;
  /** Monotonic clock, ms. */
  readonly monotonic: () => number;
  /** Monotonic ms after which nothing more is asked. */
  readonly until: number;
}

/** Reads the tables one after another, each as far as its bounds. Rejects with SourceError where one was not read to its end or bound. */
export async function readTables(options: ReadingOptions): Promise<RawTables> {
  const partial: TopologyTable[] = [];
  const size = new BulkSize();
  const found: Partial<Record<TableName, Cells>> = {};
  for (const name of tableNames) found[name] = await readTable(name, { ...options, size, partial });
  return { ...(found as Record<TableName, Cells>), bridges: [], scalars: await readScalars(options.requests), partial };
}

/** Reads the bridge that answers to these requests, as readTables does. */
export async function readBridge(options: ReadingOptions): Promise<{ bridge: BridgeTables; partial: readonly TopologyTable[] }> {
  const partial: TopologyTable[] = [];
  const each = { ...options, size: new BulkSize(), partial };
  const forwarding = await readTable("forwarding", each);
  // Most VLANs of most switches have nobody.
  const bridgePorts = forwarding.size === 0 ? forwarding : await readTable("bridgePorts", each);
  return { bridge: { forwarding, bridgePorts }, partial };
}

async function readScalars(requests: Requests): Promise<RawTables["scalars"]> {
  const names = Object.keys(scalars) as readonly ScalarName[];
  const answers = await requests.get(names.map((name) => scalars[name]));
  return cellsOf(names, (at) => {
    const answer = answers[at];
    return answer === undefined || isAbsent(answer) ? undefined : answer;
  });
}

async function readTable(
  name: TableName,
  { requests, target, monotonic, until, size, partial }: ReadingOptions & { readonly size: BulkSize; readonly partial: TopologyTable[] },
): Promise<Cells> {
  const { columns, rows: maxRows, of } = tables[name];
  const named = Object.entries(columns);
  const rows = new RowSet(named.length);
  const { quality, faults } = await walk({
    columns: named.map(([, oid], slot) => ({ slot, oid })),
    rows,
    getBulk: requests.getBulk,
    monotonic,
    maxRows,
    maxBytes: mostTableBytes,
    until,
    size,
  });
  if (quality === Q.BadTimeout) throw new SourceError("timeout", `${target}: ${name}: ${faults.at(-1) ?? "not read in time"}`);
  // Cut at its bound, or where the device began to talk nonsense: what is there is right, and more may be.
  if (quality !== Q.Good) partial.push(of);
  const names = named.map(([column]) => column);
  return new Map(
    [...rows].slice(0, maxRows).map((row) => [row.index, cellsOf(names, (slot) => (row.holds(slot) ? row.value(slot) : undefined))]),
  );
}

function cellsOf<N extends string>(names: readonly N[], at: (place: number) => Cell | undefined): Partial<Record<N, Cell>> {
  const cells: Partial<Record<N, Cell>> = {};
  for (const [place, name] of names.entries()) {
    const cell = at(place);
    if (cell !== undefined) cells[name] = cell;
  }
  return cells;
}
