import { type AssetEvent, type TrapCounts, type TrapOutcome, trapOutcomes } from "../../core/asset-event.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { RefusedTrap, Trap, TrapListener } from "../../core/trap.ts";
import { type Dropped, Storms, stormText } from "./storms.ts";
import { droppedMetric, type TallyOut, TrapTally, trapsMetric } from "./tally.ts";

export interface DeskOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly out: TallyOut & {
    /** Resolves with true once it is durable. */
    event(event: AssetEvent): Promise<boolean>;
    traps(counts: TrapCounts): void;
  };
  /** Something happened at this asset: it is to be read soon. */
  readonly hurry: (asset: string) => void;
}

/** How often counts are handed on while they change. */
const countsEveryMs = 10_000;
/** Refusals of one kind are logged at once, and then this often with how many there were. */
const quietMs = 60_000;

/** What traps lead to: an early poll of the asset, an event, a count. Storms are cut off, and what is refused is counted and logged. */
export class TrapDesk implements TrapListener {
  readonly #options: DeskOptions;
  readonly #storms: Storms;
  readonly #tally: TrapTally;
  readonly #counts = new Map<TrapOutcome, number>(trapOutcomes.map((outcome) => [outcome, 0]));
  readonly #told = new Map<TrapOutcome, { at: number; count: number }>();
  #cancelCounts: (() => void) | undefined;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#storms = new Storms(options.clock, (dropped) => this.#tellStorm(dropped));
    this.#tally = new TrapTally(options.out, options.clock);
  }

  async take(trap: Trap): Promise<boolean> {
    const { asset, name, labels, origin } = trap;
    this.#options.hurry(asset);
    this.#tally.add({ asset, metric: trapsMetric, labels: { ...labels, trap: name }, origin });
    const taken = this.#storms.admit(asset) && (await this.#options.out.event({ ...trap, kind: "trap" }));
    this.#count(taken ? "taken" : "dropped");
    if (!taken) this.#tally.add({ asset, metric: droppedMetric, labels: {}, origin: "" });
    return taken;
  }

  refused({ outcome, address, what }: RefusedTrap): void {
    const { clock, log } = this.#options;
    this.#count(outcome);
    if (outcome === "duplicate" || outcome === "discovery") return;
    const now = clock.monotonic();
    const told = this.#told.get(outcome) ?? { at: Number.NEGATIVE_INFINITY, count: 0 };
    told.count++;
    this.#told.set(outcome, told);
    if (now - told.at < quietMs) return;
    log.warn({ outcome, address, what: what.slice(0, 300), count: told.count }, "a trap was not taken");
    Object.assign(told, { at: now, count: 0 });
  }

  counts(): TrapCounts {
    return Object.fromEntries(this.#counts) as TrapCounts;
  }

  /** Who there is from now on. */
  keep(assets: ReadonlySet<string>): void {
    this.#storms.keep(assets);
    this.#tally.keep(assets);
  }

  /** Hands on what was counted and not told yet. */
  end(): void {
    this.#storms.end();
    this.#tally.end();
    this.#tellCounts();
  }

  #tellStorm(dropped: Dropped): void {
    const { clock, log, out } = this.#options;
    const { asset, count } = dropped;
    const text = stormText(dropped);
    log.warn({ asset, count }, "traps were dropped: too many at once");
    const nothing = { labels: {}, origin: "", values: { dropped: String(count) } };
    void out.event({ asset, time: clock.now(), kind: "storm", name: "trapStorm", level: "warning", text, ...nothing });
  }

  #count(outcome: TrapOutcome): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    this.#cancelCounts ??= this.#options.clock.after(countsEveryMs, () => this.#tellCounts());
  }

  #tellCounts(): void {
    if (this.#cancelCounts === undefined) return;
    this.#cancelCounts();
    this.#cancelCounts = undefined;
    this.#options.out.traps(this.counts());
  }
}
