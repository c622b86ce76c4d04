import type { FoundDevice } from "../adapters/sources/modbus/sweep.ts";
import { systemClock } from "../core/clock.ts";
import { modbusOf } from "./modbus-target.ts";
import { printable } from "./output.ts";

export interface ModbusSweep {
  readonly hosts: Iterable<string>;
  readonly port: number;
  readonly units: readonly number[];
  readonly timeout: string;
  readonly atOnce: number;
}

/** Units of these hosts that speak Modbus, in the order of their addresses. */
export async function sweepModbus({ hosts, port, units, timeout, atOnce }: ModbusSweep): Promise<readonly FoundDevice[]> {
  const [config, { sweep }] = await Promise.all([
    modbusOf({ host: "127.0.0.1", port, unit: 1, timeout }),
    import("../adapters/sources/modbus/sweep.ts"),
  ]);
  const found: FoundDevice[] = [];
  await sweep({ hosts, port, units, config, clock: systemClock(), atOnce }, (one) => void found.push(one));
  return found.sort((a, b) => collator.compare(a.host, b.host) || a.unit - b.unit);
}

const collator = new Intl.Collator("en", { numeric: true });

/** Entries of `assets` for what was found, to be reviewed. A unit without SunSpec is a comment: only its maker's table says what it has. */
export function modbusYaml(found: readonly FoundDevice[], port: number): string {
  return found.map((one) => entryOf(one, port)).join("");
}

function entryOf({ host, unit, sunspec, models, faults }: FoundDevice, port: number): string {
  const address = host.includes(":") ? `[${host}]` : host;
  const tcp = port === 502 ? address : `${address}:${port}`;
  if (sunspec === undefined) return `  # ${tcp} unit ${unit} speaks Modbus: name its profile, or its metrics.\n`;
  const about = [`SunSpec models ${models}`, ...faults].map((line) => `    # ${printable(line).slice(0, 200)}\n`).join("");
  const id = `sunspec-${host.replace(/[^A-Za-z0-9.-]/g, "-").replace(/^-+/, "")}-${unit}`;
  return `  ${id}:\n${about}    modbus: { tcp: ${JSON.stringify(tcp)}, unit: ${unit}, profile: sunspec, every: "30s" }\n`;
}
