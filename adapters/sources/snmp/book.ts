import type { SeriesDescription } from "../../../core/reading.ts";
import { seriesKey, seriesName } from "../../../core/reading.ts";
import type { SourceContext } from "../../../core/source.ts";
import { type Combination, shapeOf } from "./combination.ts";

/** Instead of a number: the series belongs to another part of the device's profiles. */
export const taken = -2;

const none: ReadonlySet<string> = new Set();

/**
 * Who reads which series of a device: where two tables or profiles name the same one, it belongs to the first that had a
 * value. Only metrics that occur twice among the device's profiles are kept account of, so that most series cost nothing here.
 */
export class SeriesBook {
  readonly #context: SourceContext;
  #contested: ReadonlySet<string> = none;
  /** Who has which contested series; most devices have none. */
  #owners: Map<string, object> | undefined;
  #wasTold = false as boolean;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  /** These are read from now on. */
  use({ contested }: Pick<Combination, "contested">): void {
    this.#contested = contested;
  }

  /** The series' number; `taken` where another owner has it. */
  register(owner: object, description: SeriesDescription): number {
    const { asset, metric, labels } = description;
    if (this.#contested.size > 0 && this.#contested.has(shapeOf(metric, Object.keys(labels)))) {
      this.#owners ??= new Map();
      const key = seriesKey(asset, metric, labels);
      const first = this.#owners.get(key) ?? owner;
      if (first !== owner) return this.#refuse(description);
      this.#owners.set(key, owner);
    }
    return this.#context.sink.register(description);
  }

  /** What the owner read is free for others. */
  release(owner: object): void {
    for (const [key, one] of this.#owners ?? []) if (one === owner) this.#owners?.delete(key);
  }

  #refuse(description: SeriesDescription): number {
    const { asset, log } = this.#context;
    if (!this.#wasTold)
      log.info({ asset, series: seriesName(description), origin: description.origin }, "read twice: the first that had a value is kept");
    this.#wasTold = true;
    return taken;
  }
}
