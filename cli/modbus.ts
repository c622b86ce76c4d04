import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { Cell, FoundUnit, Shell } from "../adapters/sources/modbus/shell.ts";
import { bitTables, isBitTable, type ModbusTable, registerTables } from "../config/modbus.ts";
import { systemClock } from "../core/clock.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { type ModbusTargetOptions, modbusOf, withModbusTarget } from "./modbus-target.ts";
import { type Format, formatOption, printable, printRows } from "./output.ts";
import { wholeNumber } from "./whole-number.ts";

interface ReadOptions extends ModbusTargetOptions {
  readonly format: Format;
}

interface ScanOptions extends Omit<ModbusTargetOptions, "unit"> {
  readonly units: readonly number[];
  readonly identify: boolean;
  readonly format: Format;
}

/** A register or bit as the tool prints it; what begins here is read most significant register first, and the other way round. */
interface CellRow {
  readonly address: string;
  readonly hex: string;
  readonly uint16: number | null;
  readonly int16: number | null;
  readonly uint32: number | null;
  readonly int32: number | null;
  readonly float32: number | null;
  readonly float32_cdab: number | null;
  readonly text: string;
  readonly refused: string;
}

/** Most registers or bits of one command. */
const mostRead = 2000;
const readBudgetMs = 120_000;

/** `millwright modbus read|scan`: what a profile author needs to see of a device. */
export function registerModbus(program: Command, io: Io): void {
  const modbus = program.command("modbus").description("ask one Modbus device by hand: it is only read");
  withModbusTarget(modbus.command("read"), "2s")
    .description("print registers, coils or discrete inputs as what they may be")
    .argument("<table:address>", "holding:3059, input:0, coil:7 or discrete:7; addresses are zero-based", placeArgument)
    .argument("[count]", `how many, at most ${mostRead}`, wholeNumber(1, mostRead), 10)
    .option("--unit <number>", "unit (slave) number of --host", wholeNumber(0, 255), 1)
    .addOption(formatOption())
    .action((place: Place, count: number, options: ReadOptions) => read(io, { ...place, count }, options));
  withModbusTarget(modbus.command("scan"), "300ms")
    .description("which unit numbers answer, what SunSpec models they have, and who they say they are")
    .option("--units <numbers>", "1-247, or 1,3,31-40", unitsArgument, range(1, 247))
    .option("--no-identify", "do not ask who they are (function code 43/14, Read Device Identification)")
    .addOption(formatOption())
    .action((options: ScanOptions) => scan(io, options));
}

interface Place {
  readonly table: ModbusTable;
  readonly address: number;
}

function placeArgument(text: string): Place {
  const [, name, address] = /^([a-z]+):(\d{1,5})$/.exec(text) ?? [];
  const table = [...registerTables, ...bitTables].find((one) => one === name);
  if (table === undefined || Number(address) > 65_535)
    throw new InvalidArgumentError("expected holding:3059, input:0, coil:7 or discrete:7");
  return { table, address: Number(address) };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}

/** `1-247` or `1,3,31-40` as numbers. */
export function unitsArgument(text: string): readonly number[] {
  const parts = text.split(",").map((part) => /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part));
  const units = parts.flatMap((part) => (part === null ? [] : range(Number(part[1]), Number(part[2] ?? part[1]))));
  if (parts.includes(null) || units.length === 0 || units.some((unit) => unit > 255))
    throw new InvalidArgumentError("expected unit numbers from 0 to 255, such as 1-247 or 1,3,31-40");
  return [...new Set(units)];
}

async function openShell(io: Io, options: ModbusTargetOptions): Promise<Shell> {
  const [config, { Shell }] = await Promise.all([modbusOf(options), import("../adapters/sources/modbus/shell.ts")]);
  return new Shell(config, { clock: systemClock(), malformed: (what) => void io.stderr.write(`${printable(what)}\n`) });
}

async function read(io: Io, { table, address, count }: Place & { count: number }, options: ReadOptions): Promise<void> {
  const most = Math.min(count, 65_536 - address);
  const shell = await openShell(io, options);
  try {
    const cells = await shell.read({ table, address, count: most }, AbortSignal.timeout(readBudgetMs));
    printCells(io, { table, cells, format: options.format });
  } finally {
    shell.close();
  }
}

function printCells(io: Io, { table, cells, format }: { table: ModbusTable; cells: readonly Cell[]; format: Format }): void {
  if (isBitTable(table)) {
    const rows = cells.map(({ address, values, refused }) => ({ address: `${table}:${address}`, value: values?.[0] ?? null, refused }));
    const columns = [
      { title: "ADDRESS", value: (row: (typeof rows)[number]) => row.address },
      { title: "VALUE", value: (row: (typeof rows)[number]) => row.value ?? `- ${row.refused}` },
    ];
    printRows(io, { format, rows, columns });
    return;
  }
  const rows = cells.map((cell, at) => rowOf(table, cell, cells[at + 1]));
  printRows<CellRow>(io, { format, rows, columns: cellColumns });
}

function rowOf(table: ModbusTable, { address, values, refused }: Cell, next: Cell | undefined): CellRow {
  const one = values === undefined ? undefined : Buffer.from(values);
  const two = one === undefined || next?.values === undefined ? undefined : Buffer.concat([one, next.values]);
  const swapped = two === undefined ? undefined : Buffer.concat([two.subarray(2), two.subarray(0, 2)]);
  return {
    address: `${table}:${address}`,
    hex: one?.toString("hex") ?? "",
    uint16: one?.readUInt16BE(0) ?? null,
    int16: one?.readInt16BE(0) ?? null,
    uint32: two?.readUInt32BE(0) ?? null,
    int32: two?.readInt32BE(0) ?? null,
    float32: finite(two?.readFloatBE(0)),
    float32_cdab: finite(swapped?.readFloatBE(0)),
    text: one === undefined ? "" : one.toString("latin1").replace(/[^ -~]/g, "."),
    refused,
  };
}

/** Seven digits are all that 32 bits have. JSON knows no NaN. */
function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(7));
}

const cellColumns = [
  { title: "ADDRESS", value: ({ address }: CellRow) => address },
  { title: "HEX", value: ({ hex, refused }: CellRow) => (refused === "" ? hex : `- ${refused}`) },
  { title: "UINT16", value: ({ uint16 }: CellRow) => uint16 ?? "" },
  { title: "INT16", value: ({ int16 }: CellRow) => int16 ?? "" },
  { title: "UINT32", value: ({ uint32 }: CellRow) => uint32 ?? "" },
  { title: "INT32", value: ({ int32 }: CellRow) => int32 ?? "" },
  { title: "FLOAT32 ABCD", value: ({ float32 }: CellRow) => float32 ?? "" },
  { title: "FLOAT32 CDAB", value: ({ float32_cdab }: CellRow) => float32_cdab ?? "" },
  { title: "TEXT", value: ({ text }: CellRow) => text },
];

async function scan(io: Io, { units, identify, ...options }: ScanOptions): Promise<void> {
  const shell = await openShell(io, { ...options, unit: 1 });
  const found: FoundUnit[] = [];
  try {
    for (const unit of units) {
      const one = await shell.look(unit, AbortSignal.timeout(readBudgetMs));
      if (one !== undefined) found.push(identify ? { ...one, identification: await shell.identify(unit) } : one);
    }
  } finally {
    shell.close();
  }
  printRows<FoundUnit>(io, { format: options.format, rows: found, columns: unitColumns });
  io.stderr.write(`${units.length} unit numbers asked, ${found.length} answer\n`);
  if (found.length === 0) throw new Exit(exits.problems);
}

const unitColumns = [
  { title: "UNIT", value: ({ unit }: FoundUnit) => unit },
  { title: "SAYS", value: ({ says }: FoundUnit) => says },
  { title: "SUNSPEC", value: ({ sunspec }: FoundUnit) => (sunspec === undefined ? "-" : `at ${sunspec}`) },
  { title: "MODELS", value: ({ models, faults }: FoundUnit) => [models, ...faults].join("; ") },
  { title: "IS", value: ({ identification }: FoundUnit) => Object.values(identification).join(" ") },
];
