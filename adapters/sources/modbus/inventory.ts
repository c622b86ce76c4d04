import { SourceError } from "../../../core/errors.ts";
import { ExceptionReply } from "./exception.ts";
import type { Wanted } from "./plan.ts";
import type { FactSpan } from "./profile.ts";
import { DeviceReader, type RoundIo } from "./round.ts";
import { textOf } from "./text.ts";

/** How often a device is asked for its texts at most, and when again where it did not answer, ms. */
export const inventoryEveryMs = 3_600_000;
export const inventoryRetryMs = 600_000;

/** The texts of one device. They are asked for apart from its values, so that whatever becomes of them costs no reading. */
export class Inventory {
  readonly #reader: DeviceReader<FactSpan> | undefined;
  readonly #facts = new Map<string, string>();
  /** Monotonic ms. */
  #due = Number.NEGATIVE_INFINITY;

  constructor(wanted: Wanted<FactSpan>) {
    this.#reader = wanted.spans.length === 0 ? undefined : new DeviceReader(wanted);
  }

  /**
   * All texts that the device was ever found to have, when it is time to ask and it answers; undefined otherwise. `now` is
   * monotonic ms. Never rejects for what a device does: why it gave nothing is told to `failed`.
   */
  async read(now: number, { signal, ask, failed }: InventoryIo): Promise<Readonly<Record<string, string>> | undefined> {
    if (this.#reader === undefined || now < this.#due) return undefined;
    this.#due = now + inventoryEveryMs;
    const giveUp = (why: SourceError): void => {
      // What it refuses it will refuse for long; what it did not answer may only have been lost.
      if (!(why instanceof ExceptionReply)) this.#due = now + inventoryRetryMs;
      failed(why);
    };
    try {
      await this.#reader.round(now, { signal, ask, took: (span, wire) => this.#took(span, wire), missed: (_, why) => giveUp(why) });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      giveUp(error);
      return undefined;
    }
    return Object.fromEntries(this.#facts);
  }

  #took(span: FactSpan, wire: Uint8Array): void {
    for (const fact of span.facts) {
      const text = textOf(wire, fact);
      if (text === "") this.#facts.delete(fact.name);
      else this.#facts.set(fact.name, text);
    }
  }
}

export interface InventoryIo extends Pick<RoundIo<FactSpan>, "signal" | "ask"> {
  readonly failed: (why: SourceError) => void;
}
