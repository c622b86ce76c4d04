import type { Labels, SeriesDescription } from "../../../core/reading.ts";
import { seriesKey, seriesName } from "../../../core/reading.ts";
import type { SourceContext } from "../../../core/source.ts";
import type { LabelPlan, ProfilePlan } from "./plan.ts";

/** Instead of a number: the series belongs to another part of the device's profiles. */
export const taken = -2;

/**
 * Who reads which series of a device: where two tables or profiles name the same one, it belongs to the first that had a
 * value. Only metrics that occur twice among the device's profiles are kept account of, so that most series cost nothing here.
 */
export class SeriesBook {
  readonly #context: SourceContext;
  #shared: ReadonlySet<string> = new Set();
  readonly #owners = new Map<string, object>();
  #wasTold = false as boolean;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  /** These are read from now on. */
  use(profiles: readonly ProfilePlan[]): void {
    const met = new Set<string>();
    const shared = new Set<string>();
    for (const shapes of profiles.flatMap(shapesOf))
      for (const shape of shapes) {
        if (met.has(shape)) shared.add(shape);
        met.add(shape);
      }
    this.#shared = shared;
  }

  /** The series' number; `taken` where another owner has it. */
  register(owner: object, description: SeriesDescription): number {
    const { asset, metric, labels } = description;
    if (this.#shared.size > 0 && this.#shared.has(shapeOf(metric, Object.keys(labels)))) {
      const key = seriesKey(asset, metric, labels);
      const first = this.#owners.get(key) ?? owner;
      if (first !== owner) return this.#refuse(description);
      this.#owners.set(key, owner);
    }
    return this.#context.sink.register(description);
  }

  /** What the owner read is free for others. */
  release(owner: object): void {
    for (const [key, one] of this.#owners) if (one === owner) this.#owners.delete(key);
  }

  #refuse(description: SeriesDescription): number {
    const { asset, log } = this.#context;
    if (!this.#wasTold)
      log.info({ asset, series: seriesName(description), origin: description.origin }, "read twice: the first that had a value is kept");
    this.#wasTold = true;
    return taken;
  }
}

const shapeOf = (metric: string, labels: readonly string[]): string => `${metric} ${[...labels].sort().join(" ")}`;

/** Of the scalars and of each table: what their series look like, each look once. */
function shapesOf({ scalars, tables }: ProfilePlan): readonly ReadonlySet<string>[] {
  const constant = ({ labels }: { readonly labels: Labels }): string[] => Object.keys(labels);
  return [
    new Set(scalars.map((scalar) => shapeOf(scalar.metric, constant(scalar)))),
    ...tables.map(({ labels, distinguish, metrics, rates }) => {
      const names = (plans: readonly LabelPlan[]): string[] => plans.map(({ name }) => name);
      const usual = [...metrics, ...rates].map((one) => shapeOf(one.metric, [...names(labels), ...constant(one)]));
      const alike = [...metrics, ...rates].map((one) => shapeOf(one.metric, [...names([...labels, ...distinguish]), ...constant(one)]));
      return new Set([...usual, ...alike]);
    }),
  ];
}
