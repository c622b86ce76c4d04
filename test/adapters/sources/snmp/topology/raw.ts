import type { Cell } from "../../../../../adapters/sources/snmp/topology/identifiers.ts";
import { type RawTables, scalars, type TableName, tableNames, tables } from "../../../../../adapters/sources/snmp/topology/tables.ts";

/** OID, type and value as in a recording of snmpsim: `1.3.6.1.2.1.2.2.1.6.1|4x|001b210a0b0c`. */
export type Line = string;

/** The tables that a device with these variables gives, without anybody asking it. */
export function rawOf(lines: readonly Line[], partial: RawTables["partial"] = []): RawTables {
  const cells = new Map(lines.map(cellOf));
  const found = Object.fromEntries(tableNames.map((name) => [name, tableOf(name, cells)]));
  const beside = Object.entries(scalars).flatMap(([name, oid]) => (cells.has(oid) ? [[name, cells.get(oid)]] : []));
  return {
    ...(found as unknown as Omit<RawTables, "bridges" | "scalars" | "partial">),
    bridges: [],
    scalars: Object.fromEntries(beside) as RawTables["scalars"],
    partial,
  };
}

function cellOf(line: Line): [oid: string, cell: Cell] {
  const [oid = "", type = "", ...rest] = line.split("|");
  const text = rest.join("|");
  if (type === "4x" || type === "64x") return [oid, { type: Number.parseInt(type, 10), value: Buffer.from(text, "hex") }];
  return [oid, type === "4" ? { type: 4, value: Buffer.from(text, "latin1") } : { type: Number(type), value: Number(text) }];
}

function tableOf(name: TableName, cells: ReadonlyMap<string, Cell>): Map<string, Record<string, Cell>> {
  const rows = new Map<string, Record<string, Cell>>();
  for (const [column, oid] of Object.entries(tables[name].columns)) {
    for (const [at, cell] of cells) {
      if (at.startsWith(`${oid}.`)) rows.set(at.slice(oid.length + 1), { ...rows.get(at.slice(oid.length + 1)), [column]: cell });
    }
  }
  return rows;
}

/** Lines of a column: `column("1.3.6.1.2.1.2.2.1.2", "4", { 1: "eth0" })`. */
export function column(oid: string, type: string, cells: Readonly<Record<string, string | number>>): Line[] {
  return Object.entries(cells).map(([index, value]) => `${oid}.${index}|${type}|${value}`);
}
