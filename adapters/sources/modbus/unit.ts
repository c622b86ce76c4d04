import type { ModbusConfig } from "../../../config/assets.ts";
import { SourceError } from "../../../core/errors.ts";
import type { SourceContext } from "../../../core/source.ts";
import { addressOf, type SharedBus } from "./buses.ts";
import { prefixed } from "./exception.ts";
import type { Span } from "./plan.ts";

/** One unit behind a bus, as its source asks it. */
export class Unit {
  /** Whom it asks, for messages. */
  readonly target: string;
  readonly #config: ModbusConfig;
  readonly #context: UnitOptions["context"];
  readonly #shared: SharedBus;
  readonly #gapMs: number;
  #closed: boolean = false;

  constructor({ config, context, shared, gapMs }: UnitOptions) {
    const { host, port } = addressOf(config.tcp);
    this.target = `${host.includes(":") ? `[${host}]` : host}:${port} unit ${config.unit}`;
    this.#config = config;
    this.#context = context;
    this.#shared = shared;
    this.#gapMs = gapMs;
  }

  /** Bytes of the values as on the wire. Rejects with ExceptionReply or SourceError that say who was asked for what. */
  async ask(span: Span, signal: AbortSignal): Promise<Buffer> {
    const { unit, timeout: timeoutMs } = this.#config;
    try {
      if (this.#closed) throw new SourceError("disconnected", "the source was closed");
      return await this.#shared.bus.read({ ...span, unit, timeoutMs, gapMs: this.#gapMs, signal, asker: this });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      if (error.fault === "malformed") this.#context.sink.malformed(error.message);
      throw prefixed(error, `${this.#context.asset} (${this.target}): `);
    }
  }

  /** Rejects what is asked, and gives the bus back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#shared.bus.abandon(this);
    this.#shared.release();
  }
}

export interface UnitOptions {
  readonly config: ModbusConfig;
  /** For whom it is asked, and who counts what was no reply. */
  readonly context: Pick<SourceContext, "asset"> & { readonly sink: Pick<SourceContext["sink"], "malformed"> };
  readonly shared: SharedBus;
  /** Pause before and after a request. */
  readonly gapMs: number;
}
