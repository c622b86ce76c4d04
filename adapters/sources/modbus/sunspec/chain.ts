import { SourceError } from "../../../../core/errors.ts";
import { ExceptionReply } from "../exception.ts";
import type { Span } from "../plan.ts";

/** One model of a device, as its chain names it. */
export interface ChainModel {
  readonly id: number;
  /** Holding register of its number. */
  readonly address: number;
  /** Registers after number and length. */
  readonly length: number;
  /** Which of the devices behind one unit it belongs to: each begins with a common model. */
  readonly device: number;
}

/** What a unit says that it has. */
export interface Chain {
  /** Where the marker is. */
  readonly base: number;
  readonly models: readonly ChainModel[];
  /** What is wrong with it, for people. The models before it are there all the same. */
  readonly faults: readonly string[];
}

/** Asks for registers: two bytes each as on the wire. */
export type Ask = (span: Span) => Promise<Buffer>;

/** Where the marker may be (SunSpec Device Information Model Specification, "Locating the map"). */
export const bases: readonly number[] = [40_000, 50_000, 0];
/** "SunS". */
const marker = 0x53756e53;
const common = 1;
const endModel = 0xffff;
const lastRegister = 65_535;
/** A chain without an end is followed this far. */
export const mostModels = 200;
/** The end of a chain that a device meets with silence is taken for one after as many tries: a reply may only have been lost. */
const silencesBeforeEnd = 3;

/** Finds a unit's chain of models. It remembers what costs time-outs, so that a device that is silent is not asked for all at once. */
export class ChainFinder {
  #bases = bases;
  #silence = { address: -1, times: 0 };

  /** Rejects with SourceError where there is no marker, or no answer. */
  async find(ask: Ask): Promise<Chain> {
    const base = await this.#findBase(ask);
    return this.#walk(base, ask);
  }

  async #findBase(ask: Ask): Promise<number> {
    for (const base of this.#bases) {
      try {
        const registers = await askHolding(ask, base);
        if (registers?.readUInt32BE(0) === marker) {
          this.#bases = [base, ...bases.filter((other) => other !== base)];
          return base;
        }
      } catch (error) {
        // Silent where it has no registers: the next round begins elsewhere.
        this.#bases = [...this.#bases.filter((other) => other !== base), base];
        throw error;
      }
    }
    throw new SourceError("config", `no SunSpec marker at holding ${bases.join(", ")}`);
  }

  async #walk(base: number, ask: Ask): Promise<Chain> {
    const models: ChainModel[] = [];
    const chain = (fault?: string): Chain => ({ base, models, faults: fault === undefined ? [] : [fault] });
    let address = base + 2;
    let device = 0;
    while (models.length < mostModels) {
      if (address + 1 > lastRegister) return chain(`no end model: the chain runs to register ${lastRegister}`);
      const header = await this.#header(address, ask, models.length);
      if (typeof header === "string") return chain(`no end model: ${header} at ${address}`);
      const { id, length } = header;
      if (id === endModel) return chain();
      if (id === 0) return chain(`no end model: model number 0 at ${address}`);
      if (address + 1 + length > lastRegister)
        return chain(`model ${id} at ${address}: bad length ${length}, past register ${lastRegister}`);
      if (id === common && models.length > 0) device++;
      models.push({ id, address, length, device });
      address += 2 + length;
    }
    return chain(`no end model among the first ${mostModels}`);
  }

  /** Number and length; or why there are none. */
  async #header(address: number, ask: Ask, found: number): Promise<{ id: number; length: number } | string> {
    try {
      const registers = await askHolding(ask, address);
      return registers === undefined ? "registers are refused" : { id: registers.readUInt16BE(0), length: registers.readUInt16BE(2) };
    } catch (error) {
      if (!(error instanceof SourceError) || error.fault !== "timeout" || found === 0) throw error;
      this.#silence = { address, times: this.#silence.address === address ? this.#silence.times + 1 : 1 };
      if (this.#silence.times < silencesBeforeEnd) throw error;
      return "silence";
    }
  }
}

/** Two holding registers; undefined where the unit refuses them. */
async function askHolding(ask: Ask, address: number): Promise<Buffer | undefined> {
  try {
    return await ask({ table: "holding", address, count: 2 });
  } catch (error) {
    if (error instanceof ExceptionReply && !error.isGateway) return undefined;
    throw error;
  }
}
