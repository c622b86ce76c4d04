import type { BatchPreamble } from "../core/batch.ts";
import type { ReadingColumns } from "../core/columns.ts";
import type { Refused } from "./intake.ts";
import type { Registry, SeriesSender } from "./registry.ts";

export interface ReachOptions {
  readonly registry: Registry;
  /** Which assets an agent may speak for; every one without it. */
  readonly reach?: (agent: string) => (asset: string) => boolean;
}

/** Whether what an agent sends speaks only for assets that are its own. */
export class Reach {
  readonly #options: ReachOptions;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** 403, so that the agent keeps what it has until somebody has decided. */
  strange(agent: string, ...assets: readonly (() => Iterable<string>)[]): Refused | undefined {
    const mayReport = this.#options.reach?.(agent);
    if (mayReport === undefined) return undefined;
    for (const some of assets)
      for (const asset of some())
        if (!mayReport(asset))
          return { kind: "refused", status: 403, reason: `agent ${agent} may not speak for asset ${JSON.stringify(asset)}` };
    return undefined;
  }

  /** Assets of readings by our indexes. */
  of({ series, length }: ReadingColumns): ReadonlySet<string> {
    const { registry } = this.#options;
    return new Set([...new Set(series.subarray(0, length))].map((index) => registry.get(index).asset));
  }

  /** Assets of readings whose numbers were described before: an agent's reach may have been narrowed since. */
  behind(from: SeriesSender, { series, length }: ReadingColumns): ReadonlySet<string> {
    const { registry } = this.#options;
    const known = registry.numbersOf(from);
    const assets = new Set<string>();
    for (const number of new Set(series.subarray(0, length))) {
      const index = known.get(number);
      if (index !== undefined) assets.add(registry.get(index).asset);
    }
    return assets;
  }
}

/** Every asset that a batch speaks of by name. */
export function assetsIn({ series = [], sources = [], inventory = [], topologies = [], events = [] }: BatchPreamble): readonly string[] {
  return [...series, ...sources, ...inventory, ...topologies, ...events].map(({ asset }) => asset);
}
