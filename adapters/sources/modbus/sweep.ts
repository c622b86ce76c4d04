import type { ModbusConfig } from "../../../config/assets.ts";
import type { Clock } from "../../../core/clock.ts";
import { SourceError } from "../../../core/errors.ts";
import { type FoundUnit, Shell } from "./shell.ts";

/** A unit that answered, and where. */
export interface FoundDevice extends FoundUnit {
  readonly host: string;
}

export interface SweepOptions {
  readonly hosts: Iterable<string>;
  readonly port: number;
  /** Unit numbers that are tried at each host. */
  readonly units: readonly number[];
  /** How a device is asked; its address and unit are not looked at. */
  readonly config: ModbusConfig;
  readonly clock: Clock;
  /** Hosts that are asked at once. */
  readonly atOnce: number;
}

/** Longest for one unit of one host, with its chain of models. */
const lookMs = 20_000;

/** Asks each host, and there unit after unit, whether it speaks Modbus and has SunSpec models. A host that takes no connection is asked once. */
export async function sweep(options: SweepOptions, each: (found: FoundDevice) => void): Promise<void> {
  const hosts = options.hosts[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = hosts.next(); next.done !== true; next = hosts.next()) await askHost(next.value, options, each);
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
}

async function askHost(host: string, { port, units, config, clock }: SweepOptions, each: (found: FoundDevice) => void): Promise<void> {
  const tcp = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const shell = new Shell({ ...config, tcp }, { clock, malformed: () => {} });
  try {
    for (const unit of units) {
      const found = await shell.look(unit, AbortSignal.timeout(lookMs));
      if (found?.isModbus === true) each({ host, ...found });
    }
  } catch (error) {
    // Nobody listens there, or breaks off: not a device to be named.
    if (!(error instanceof SourceError)) throw error;
  } finally {
    shell.close();
  }
}
