import type { ModbusConfig } from "../../../config/assets.ts";
import type { Clock } from "../../../core/clock.ts";
import { messageOf, SourceError } from "../../../core/errors.ts";
import { silentLog } from "../../../core/log.ts";
import { addressOf, Buses } from "./buses.ts";
import { ExceptionReply } from "./exception.ts";
import { identify } from "./identify.ts";
import type { Span } from "./plan.ts";
import { DeviceReader } from "./round.ts";
import { bases, ChainFinder } from "./sunspec/chain.ts";
import { modelNames } from "./sunspec/layout.ts";
import { Unit } from "./unit.ts";

/** What one register, coil or discrete input holds: its bytes (two), its bit (one byte, 0 or 1), or why it could not be read. */
export interface Cell {
  readonly address: number;
  readonly values: Uint8Array | undefined;
  readonly refused: string;
}

/** What a scan found of one unit. */
export interface FoundUnit {
  readonly unit: number;
  /** What it said to being asked for holding register 0: `answers`, or an exception. */
  readonly says: string;
  /** False where it answers with what is no Modbus. */
  readonly isModbus: boolean;
  /** Where its SunSpec marker is; undefined without one. */
  readonly sunspec: number | undefined;
  readonly models: string;
  readonly faults: readonly string[];
  /** Read Device Identification, by name. */
  readonly identification: Readonly<Record<string, string>>;
}

export interface ShellOptions {
  readonly clock: Clock;
  readonly malformed: (what: string) => void;
}

/** One Modbus connection for a tool: it reads what it is told to, and nothing else. */
export class Shell {
  readonly #config: ModbusConfig;
  readonly #options: ShellOptions;
  readonly #buses: Buses;

  constructor(config: ModbusConfig, options: ShellOptions) {
    this.#config = config;
    this.#options = options;
    this.#buses = new Buses({ clock: options.clock, log: silentLog });
  }

  /** Every one of these registers or bits by itself where the device refuses them together. Rejects with SourceError where none is read. */
  async read(span: Span, signal: AbortSignal): Promise<Cell[]> {
    const unit = this.#unit(this.#config.unit);
    const spans = Array.from({ length: span.count }, (_, at): Span => ({ table: span.table, address: span.address + at, count: 1 }));
    const cells = new Map<number, Cell>();
    const reader = new DeviceReader({ spans, limits: { maxRegisters: 125, maxBits: 2000, maxGap: 0 } });
    try {
      await reader.round(this.#options.clock.monotonic(), {
        signal,
        ask: (one) => unit.ask(one, signal),
        took: ({ address }, values) => void cells.set(address, { address, values: Uint8Array.from(values), refused: "" }),
        missed: ({ address }, why) => void cells.set(address, { address, values: undefined, refused: reasonOf(why) }),
      });
    } finally {
      unit.close();
    }
    return spans.map(({ address }) => cells.get(address) ?? { address, values: undefined, refused: "not read" });
  }

  /** What answers under a unit number; undefined where nothing does. Rejects with SourceError where the host itself does not. */
  async look(number: number, signal: AbortSignal): Promise<FoundUnit | undefined> {
    const unit = this.#unit(number);
    const ask = (span: Span): Promise<Buffer> => unit.ask(span, signal);
    try {
      const says = await greeting(ask);
      if (says === undefined) return undefined;
      const sunspec = await sunspecOf(ask);
      return { unit: number, says, isModbus: says !== noModbus, ...sunspec, identification: {} };
    } finally {
      // Devices with one connection slot must have it free for the next who asks.
      unit.close();
    }
  }

  /** Read Device Identification of a unit: the one function code beside 1 to 4, and on a connection of its own. */
  identify(unit: number): Promise<Record<string, string>> {
    return identify({ ...addressOf(this.#config.tcp), unit, timeoutMs: this.#config.timeout, clock: this.#options.clock });
  }

  close(): void {
    this.#buses.closeAll();
  }

  #unit(number: number): Unit {
    const config = { ...this.#config, unit: number };
    const shared = this.#buses.take(addressOf(config.tcp), config.in_flight);
    const { malformed } = this.#options;
    return new Unit({ config, context: { asset: "unit", sink: { malformed } }, shared, gapMs: config.gap });
  }
}

const noModbus = "answers with what is no Modbus";

type Ask = (span: Span) => Promise<Buffer>;

/** What a unit says to being asked for anything at all; undefined where it, or the gateway for it, says nothing. */
async function greeting(ask: Ask): Promise<string | undefined> {
  try {
    await ask({ table: "holding", address: 0, count: 1 });
    return "answers";
  } catch (error) {
    if (error instanceof ExceptionReply) return error.isGateway ? undefined : reasonOf(error);
    if (error instanceof SourceError && error.fault === "malformed") return noModbus;
    if (error instanceof SourceError && error.fault === "timeout" && !error.message.includes("connecting")) return undefined;
    throw error;
  }
}

async function sunspecOf(ask: Ask): Promise<Pick<FoundUnit, "sunspec" | "models" | "faults">> {
  const finder = new ChainFinder();
  // It goes on to the next place where one is met with silence.
  for (const _ of bases) {
    try {
      const chain = await finder.find(ask);
      return { sunspec: chain.base, models: modelNames(chain), faults: chain.faults };
    } catch (error) {
      if (!(error instanceof SourceError) || error.fault !== "timeout") break;
    }
  }
  return { sunspec: undefined, models: "", faults: [] };
}

function reasonOf(error: SourceError): string {
  return error instanceof ExceptionReply ? error.message.slice(error.context.length) : messageOf(error);
}
