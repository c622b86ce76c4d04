import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import type { Varbind } from "../adapters/sources/snmp/decode.ts";
import type { Shell } from "../adapters/sources/snmp/shell.ts";
import { systemClock } from "../core/clock.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { type Format, formatOption, printable, printRows } from "./output.ts";
import { deviceOf, type TargetOptions, withTarget } from "./snmp-target.ts";
import { wholeNumber } from "./whole-number.ts";

interface AskOptions extends TargetOptions {
  readonly format: Format;
  readonly most: number;
}

interface RecordOptions extends TargetOptions {
  readonly out?: string;
  readonly most: number;
  readonly plain?: true;
}

/** A variable as the tools print it. */
interface VariableRow {
  readonly oid: string;
  readonly type: string;
  readonly value: string;
}

/** Where a walk begins that is told nothing: everything that IANA has given out to managers. */
const everything = "1.3.6.1";
/** LLDP stands outside (IEEE 802.1AB). */
const also = "1.0.8802";

const mostVariables = 10_000_000;

/** `millwright snmp walk|get|record`: what a profile author needs to see of a device. */
export function registerSnmp(program: Command, io: Io): void {
  const snmp = program.command("snmp").description("ask one SNMP device by hand: it is only read");
  withTarget(snmp.command("get"))
    .description("print these variables")
    .argument("<oid...>", "with the instance: 1.3.6.1.2.1.1.1.0")
    .addOption(formatOption())
    .action((oids: string[], options: AskOptions) =>
      withShell(io, options, async (shell) => printVariables(io, options.format, await shell.requests.get(oids.map(oidArgument)))),
    );
  withTarget(snmp.command("walk"))
    .description("print every variable below an OID")
    .argument("[oid]", "where to begin", "1.3.6.1.2.1")
    .option("--most <n>", "end after so many variables", wholeNumber(1, mostVariables), 100_000)
    .addOption(formatOption("ndjson"))
    .action((oid: string, options: AskOptions) =>
      withShell(io, options, async (shell) => printVariables(io, options.format, await collect(shell, [oidArgument(oid)], options.most))),
    );
  withTarget(snmp.command("record"))
    .description("write a recording (snmprec) for a bug report: addresses, names, places and serial numbers are made unrecognisable")
    .option("--out <file>", "where to; stdout without it")
    .option("--most <n>", "end after so many variables", wholeNumber(1, mostVariables), 500_000)
    .option("--plain", "as the device says it: for yourself only")
    .action((options: RecordOptions) => withShell(io, options, (shell) => record(io, shell, options)));
}

async function withShell(io: Io, options: TargetOptions, work: (shell: Shell) => Promise<void>): Promise<void> {
  const [{ spec }, { openShell }] = await Promise.all([deviceOf(options), import("../adapters/sources/snmp/shell.ts")]);
  const shell = await openShell(spec, { clock: systemClock(), malformed: (what) => void io.stderr.write(`${printable(what)}\n`) });
  try {
    await work(shell);
  } finally {
    await shell.close();
  }
}

function oidArgument(text: string): string {
  const oid = text.replace(/^\./, "");
  if (!/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(oid))
    throw new Exit(exits.usage, `${JSON.stringify(text)} is not an OID in dotted numbers, such as 1.3.6.1.2.1.1`);
  return oid;
}

async function collect(shell: Shell, roots: readonly string[], most: number): Promise<Varbind[]> {
  const found: Varbind[] = [];
  for (const root of roots) for await (const varbind of shell.walk(root, most - found.length)) found.push(varbind);
  return found;
}

async function printVariables(io: Io, format: Format, varbinds: readonly Varbind[]): Promise<void> {
  const { typeNames, valueText } = await import("../adapters/sources/snmp/snmprec.ts");
  const rows = varbinds.map((varbind) => ({
    oid: varbind.oid,
    type: typeNames[varbind.type] ?? "undecodable",
    value: valueText(varbind),
  }));
  printRows<VariableRow>(io, { format, rows, columns });
  if (varbinds.length === 0) throw new Exit(exits.problems, "the device has nothing there");
}

const columns = [
  { title: "OID", value: ({ oid }: VariableRow) => oid },
  { title: "TYPE", value: ({ type }: VariableRow) => type },
  { title: "VALUE", value: ({ value }: VariableRow) => value },
];

async function record(io: Io, shell: Shell, { out, most, plain }: RecordOptions): Promise<void> {
  const [{ anonymise }, { recordLine }] = await Promise.all([
    import("../adapters/sources/snmp/anonymise.ts"),
    import("../adapters/sources/snmp/snmprec.ts"),
  ]);
  const found = await collect(shell, [also, everything], most);
  const kept = plain === true ? found : anonymise(found);
  const text = kept.map((varbind) => `${recordLine(varbind)}\n`).join("");
  if (out === undefined) io.stdout.write(text);
  else writeFileSync(out, text, { mode: 0o600 });
  const dropped = found.length - kept.length;
  io.stderr.write(
    `${shell.target}: ${kept.length} variables${plain === true ? "" : `, ${dropped} left out for what they would tell; read it before you send it`}\n`,
  );
  if (found.length === 0) throw new Exit(exits.problems, "the device has nothing to record");
}
