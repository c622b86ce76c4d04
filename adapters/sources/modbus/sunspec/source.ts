import { SourceError } from "../../../../core/errors.ts";
import type { PolledSource, SourceContext } from "../../../../core/source.ts";
import { ExceptionReply } from "../exception.ts";
import { Inventory } from "../inventory.ts";
import type { Span } from "../plan.ts";
import type { DeviceMap } from "../profile.ts";
import type { RegisterSource } from "../registers.ts";
import type { Unit } from "../unit.ts";
import { modelOf } from "./catalogue.ts";
import { type Ask, type Chain, ChainFinder, type ChainModel } from "./chain.ts";
import { curveOf, type Walked } from "./curve.ts";
import { SunspecDevice } from "./device.ts";
import { layOut, modelNames } from "./layout.ts";

/** How often a chain is walked again, for models at its end that a new firmware brought, and when again where it had a fault, ms. */
const walkEveryMs = 3_600_000;
const walkFaultyMs = 600_000;

export interface SunspecOptions {
  readonly everyMs: number;
  readonly context: SourceContext;
  readonly unit: Unit;
  /** What the config asks for beside the models. */
  readonly own: { readonly device: DeviceMap; readonly source: RegisterSource };
}

/** One Modbus unit that says in SunSpec models what it has: found, read in rounds, and found again when it changes. */
export class SunspecSource implements PolledSource {
  readonly mode = "poll";
  readonly #options: SunspecOptions;
  readonly #finder = new ChainFinder();
  #device: SunspecDevice | undefined;
  #inventory: Inventory | undefined;
  /** Monotonic ms. */
  #walkAt = Number.NEGATIVE_INFINITY;

  constructor(options: SunspecOptions) {
    this.#options = options;
  }

  get target(): string {
    return this.#options.unit.target;
  }

  async poll(signal: AbortSignal): Promise<void> {
    const { unit, own, context } = this.#options;
    const ask = (span: Span): Promise<Buffer> => unit.ask(span, signal);
    await this.#readModels(ask, signal);
    if (!own.source.isEmpty) await this.#readOwn(signal);
    const failed = (why: SourceError): void => context.log.debug({ asset: context.asset, reason: why.message }, "SunSpec texts not read");
    const facts = await this.#inventory?.read(context.clock.monotonic(), { signal, ask, failed });
    if (facts !== undefined) context.sink.inventory({ ...this.#about(), ...facts });
  }

  async close(): Promise<void> {
    this.#options.unit.close();
  }

  /** Once more where the chain turns out to be another one than was walked. */
  async #readModels(ask: Ask, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.context;
    if (this.#device === undefined || clock.monotonic() >= this.#walkAt) await this.#walk(ask);
    for (const isLast of [false, true]) {
      const now = { monotonic: clock.monotonic(), time: clock.now() };
      if (await this.#device?.round(now, { signal, ask })) return;
      if (isLast) break;
      await this.#walk(ask);
    }
    throw new SourceError("malformed", `${this.#options.context.asset} (${this.target}): its SunSpec models change while they are read`);
  }

  /** What the config has beside the models fails by itself. */
  async #readOwn(signal: AbortSignal): Promise<void> {
    const { source } = this.#options.own;
    try {
      await source.poll(signal);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      source.miss(error.quality);
    }
  }

  async #walk(ask: Ask): Promise<void> {
    const { context, own, everyMs } = this.#options;
    const { asset, sink, clock, log } = context;
    const chain = await this.#find(ask);
    const layout = layOut(asset, everyMs, { chain, walked: await walkedOf(chain, ask) });
    const faults = [...chain.faults, ...layout.faults];
    this.#walkAt = clock.monotonic() + (faults.length > 0 ? walkFaultyMs : walkEveryMs);
    const before = this.#device;
    if (before !== undefined && sameMap(before, { chain, layout })) return;
    this.#device = new SunspecDevice({ chain, layout, sink });
    before?.endAllBut(this.#device, clock.now());
    this.#inventory = new Inventory({ spans: [...layout.facts, ...own.device.inventory], limits: own.device.limits });
    for (const fault of faults) sink.malformed(`SunSpec: ${fault}`);
    // Told at once: of a device without a text to read these are all facts.
    sink.inventory(this.#about());
    log.debug({ asset, base: chain.base, models: chain.models.length, faults }, "SunSpec models found");
  }

  /** Whom was asked stands before what is wrong, as it does with every other failure. */
  async #find(ask: Ask): Promise<Chain> {
    try {
      return await this.#finder.find(ask);
    } catch (error) {
      if (!(error instanceof SourceError) || error.message.includes(this.target)) throw error;
      throw new SourceError(error.fault, `${this.#options.context.asset} (${this.target}): ${error.message}`);
    }
  }

  #about(): Record<string, string> {
    if (this.#device === undefined) return {};
    const { chain, layout } = this.#device;
    const faults = [...chain.faults, ...layout.faults].join("; ");
    return { sunspec_base: `${chain.base}`, sunspec_models: modelNames(chain), ...(faults === "" ? {} : { sunspec_faults: faults }) };
  }
}

/** The registers by which models say how they go on: how many blocks there are, which curve applies. */
async function walkedOf({ models }: Chain, ask: Ask): Promise<Walked> {
  const walked = new Map<number, number>();
  const look = async (model: ChainModel, at: number | undefined): Promise<void> => {
    if (at === undefined || at >= model.length + 2 || walked.has(model.address + at)) return;
    const value = await askRegister(ask, model.address + at);
    if (value !== undefined) walked.set(model.address + at, value);
  };
  for (const model of models) {
    const { blocks, trip } = modelOf(model.id) ?? {};
    await look(model, blocks?.count);
    if (trip === undefined) continue;
    for (const at of [trip.enabled, trip.curve]) await look(model, at);
    for (const at of curveOf(model, trip, walked).pinned) await look(model, at);
  }
  return walked;
}

/** Undefined where the unit refuses it: then there are as many as there is room for, and no curve. */
async function askRegister(ask: Ask, address: number): Promise<number | undefined> {
  try {
    return (await ask({ table: "holding", address, count: 1 })).readUInt16BE(0);
  } catch (error) {
    if (error instanceof ExceptionReply && !error.isGateway) return undefined;
    throw error;
  }
}

function sameMap(a: Pick<SunspecDevice, "chain" | "layout">, b: Pick<SunspecDevice, "chain" | "layout">): boolean {
  return JSON.stringify([a.chain, a.layout.spans]) === JSON.stringify([b.chain, b.layout.spans]);
}
