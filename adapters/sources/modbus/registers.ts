import type { SourceError } from "../../../core/errors.ts";
import type { Quality } from "../../../core/quality.ts";
import type { PolledSource, SourceContext } from "../../../core/source.ts";
import { Inventory, type InventoryIo } from "./inventory.ts";
import type { Span } from "./plan.ts";
import type { DeviceMap, DeviceMetric, DeviceSpan } from "./profile.ts";
import { DeviceReader } from "./round.ts";
import type { Unit } from "./unit.ts";

interface RegisterSourceOptions {
  readonly context: SourceContext;
  readonly device: DeviceMap;
  readonly unit: Unit;
}

/** One Modbus unit whose registers are known from a profile and the config, read in rounds. */
export class RegisterSource implements PolledSource {
  readonly mode = "poll";
  readonly #context: SourceContext;
  readonly #device: DeviceMap;
  readonly #unit: Unit;
  readonly #reader: DeviceReader<DeviceSpan>;
  readonly #inventory: Inventory;
  #numbers: ReadonlyMap<DeviceMetric, number> | undefined;

  constructor({ context, device, unit }: RegisterSourceOptions) {
    this.#context = context;
    this.#device = device;
    this.#unit = unit;
    this.#reader = new DeviceReader(device);
    this.#inventory = new Inventory({ spans: device.inventory, limits: device.limits });
  }

  get isEmpty(): boolean {
    return this.#device.spans.length === 0;
  }

  get target(): string {
    return this.#unit.target;
  }

  async poll(signal: AbortSignal): Promise<void> {
    this.#numbers ??= this.#register();
    const ask = (span: Span): Promise<Buffer> => this.#unit.ask(span, signal);
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

  /** Nothing of it could be read, though the unit answers others. */
  miss(quality: Quality): void {
    for (const span of this.#device.spans) this.#missed(span, quality);
  }

  async close(): Promise<void> {
    this.#unit.close();
  }

  /** All series at once, so that those of a device that was never reached are known, and go Bad. */
  #register(): ReadonlyMap<DeviceMetric, number> {
    const metrics = this.#device.spans.flatMap((span) => span.metrics);
    return new Map(metrics.map((metric) => [metric, this.#context.sink.register(metric.description)]));
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
