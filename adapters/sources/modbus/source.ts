import type { ModbusConfig } from "../../../config/assets.ts";
import type { Clock } from "../../../core/clock.ts";
import { SourceError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { Quality } from "../../../core/quality.ts";
import type { PolledSource, SourceAdapter, SourceContext } from "../../../core/source.ts";
import { Bus } from "./bus.ts";
import { prefixed } from "./exception.ts";
import { Inventory, type InventoryIo } from "./inventory.ts";
import type { Span } from "./plan.ts";
import { compileDevice, type DeviceMap, type DeviceMetric, type DeviceSpan } from "./profile.ts";
import { DeviceReader } from "./round.ts";

const defaultPort = 502;

/** Modbus TCP, read-only: function codes 1 to 4. Sources of one host and port share its one connection. */
export function createModbusAdapter({ log, clock }: { log: Log; clock: Clock }): SourceAdapter<ModbusConfig> {
  const buses = new Buses({ clock, log });
  return {
    protocol: "modbus",
    source(config, context) {
      const device = compileDevice(context.asset, config);
      log.debug({ asset: context.asset, metrics: device.spans.flatMap((span) => span.metrics).length }, "Modbus unit mapped");
      return new ModbusSource({ config, context, device, shared: buses.take(addressOf(config.tcp), config.in_flight) });
    },
    async close() {
      buses.closeAll();
    },
  };
}

/** `127.0.0.1:1502`, `plc-3` or `[::1]:502` as host and port. */
function addressOf(tcp: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(tcp);
  return { host: match?.[1] ?? match?.[2] ?? tcp, port: Number(match?.[3] ?? defaultPort) };
}

interface SharedBus {
  readonly bus: Bus;
  /** This source needs it no longer; the last one closes it. */
  readonly release: () => void;
}

interface OpenBus {
  readonly bus: Bus;
  /** What each of its sources says of how many requests it bears at once. */
  readonly users: Map<object, number | undefined>;
}

class Buses {
  readonly #shared: { readonly clock: Clock; readonly log: Log };
  readonly #open = new Map<string, OpenBus>();

  constructor(shared: { readonly clock: Clock; readonly log: Log }) {
    this.#shared = shared;
  }

  take(address: { host: string; port: number }, inFlight: number | undefined): SharedBus {
    const key = `${address.host}:${address.port}`;
    const entry = this.#open.get(key) ?? { bus: new Bus({ ...address, ...this.#shared }), users: new Map() };
    this.#open.set(key, entry);
    const user = {};
    entry.users.set(user, inFlight);
    entry.bus.allow(inFlightOf(entry));
    return { bus: entry.bus, release: () => this.#release(key, user) };
  }

  closeAll(): void {
    for (const { bus } of this.#open.values()) bus.close();
    this.#open.clear();
  }

  #release(key: string, user: object): void {
    const entry = this.#open.get(key);
    if (entry === undefined || !entry.users.delete(user)) return;
    entry.bus.allow(inFlightOf(entry));
    if (entry.users.size > 0) return;
    this.#open.delete(key);
    entry.bus.close();
  }
}

/** The smallest number that a source names: it knows of something on this connection that bears no more. */
function inFlightOf({ users }: OpenBus): number {
  const named = [...users.values()].filter((inFlight) => inFlight !== undefined);
  return named.length === 0 ? 1 : Math.min(...named);
}

interface ModbusSourceOptions {
  readonly config: ModbusConfig;
  readonly context: SourceContext;
  readonly device: DeviceMap;
  readonly shared: SharedBus;
}

/** One Modbus unit, read in rounds. */
class ModbusSource implements PolledSource {
  readonly mode = "poll";
  readonly target: string;
  readonly #config: ModbusConfig;
  readonly #context: SourceContext;
  readonly #device: DeviceMap;
  readonly #shared: SharedBus;
  readonly #reader: DeviceReader<DeviceSpan>;
  readonly #inventory: Inventory;
  #closed: boolean = false;
  #numbers: ReadonlyMap<DeviceMetric, number> | undefined;

  constructor({ config, context, device, shared }: ModbusSourceOptions) {
    const { host, port } = addressOf(config.tcp);
    this.target = `${host.includes(":") ? `[${host}]` : host}:${port} unit ${config.unit}`;
    this.#config = config;
    this.#context = context;
    this.#device = device;
    this.#shared = shared;
    this.#reader = new DeviceReader(device);
    this.#inventory = new Inventory({ spans: device.inventory, limits: device.limits });
  }

  async poll(signal: AbortSignal): Promise<void> {
    this.#numbers ??= this.#register();
    const ask = (span: Span): Promise<Buffer> => this.#ask(span, signal);
    await this.#reader.round(this.#context.clock.monotonic(), {
      signal,
      ask,
      took: (span, values) => this.#took(span, values),
      missed: (span, why) => this.#missed(span, why.quality),
    });
    await this.#readInventory({ signal, ask });
  }

  /** After the values, which the round is for. */
  async #readInventory(io: Pick<InventoryIo, "signal" | "ask">): Promise<void> {
    const { asset, clock, sink, log } = this.#context;
    const failed = (why: SourceError): void => log.debug({ asset, reason: why.message }, "Modbus inventory not read");
    const facts = await this.#inventory.read(clock.monotonic(), { ...io, failed });
    if (facts !== undefined) sink.inventory(facts);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#shared.bus.abandon(this);
    this.#shared.release();
  }

  /** All series at once, so that those of a device that was never reached are known, and go Bad. */
  #register(): ReadonlyMap<DeviceMetric, number> {
    const metrics = this.#device.spans.flatMap((span) => span.metrics);
    return new Map(metrics.map((metric) => [metric, this.#context.sink.register(metric.description)]));
  }

  async #ask(span: Span, signal: AbortSignal): Promise<Buffer> {
    const { unit, timeout: timeoutMs } = this.#config;
    try {
      if (this.#closed) throw new SourceError("disconnected", "the source was closed");
      return await this.#shared.bus.read({ ...span, unit, timeoutMs, gapMs: this.#device.gapMs, signal, asker: this });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      if (error.fault === "malformed") this.#context.sink.malformed(error.message);
      throw prefixed(error, `${this.#context.asset} (${this.target}): `);
    }
  }

  #took(span: DeviceSpan, values: Uint8Array): void {
    const time = this.#context.clock.now();
    for (const metric of span.metrics) {
      const { value, quality } = metric.valueOf(values);
      this.#put(metric, { time, value, quality });
    }
  }

  #missed(span: DeviceSpan, quality: Quality): void {
    const time = this.#context.clock.now();
    for (const metric of span.metrics) this.#put(metric, { time, value: Number.NaN, quality });
  }

  #put(metric: DeviceMetric, { time, value, quality }: { time: number; value: number; quality: Quality }): void {
    const number = this.#numbers?.get(metric);
    if (number !== undefined) this.#context.sink.put(number, time, value, quality);
  }
}
