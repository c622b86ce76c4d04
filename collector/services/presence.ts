import type { AssetIndex } from "../../config/members.ts";
import type { Config } from "../../config/schema.ts";
import { isBad, Q, type Quality } from "../../core/quality.ts";
import type { SourceStatus } from "../../core/source.ts";
import { validityMs } from "../alarms/bound.ts";
import { blockedBy, compileWays, type Obstruction, obstaclesOf, opensWith, type Ways } from "./reach.ts";

/** Whether and why an asset gives data. */
export type Presence =
  /** Nothing since the start, and nothing is known to be wrong. */
  | { readonly kind: "waiting" }
  | { readonly kind: "delivering" }
  /** No data though it is reachable: unknown. */
  | { readonly kind: "stale" }
  /** The same for longer than `dead_after`: critical. */
  | { readonly kind: "dead" }
  /** No data, and no way to it: unknown, and these assets are to blame. */
  | { readonly kind: "unreachable"; readonly blame: readonly number[] };

const waiting: Presence = { kind: "waiting" };
const delivering: Presence = { kind: "delivering" };
const stale: Presence = { kind: "stale" };
const dead: Presence = { kind: "dead" };

/** An asset without data for this long is critical: its own setting, or 5 intervals, at least 1 min. */
export function deadAfterMs(asset: Config["assets"][string], everyMs: number): number {
  return asset.dead_after ?? Math.max(5 * everyMs, 60_000);
}

/** The longest `dead_after` of all, ms: after it nothing is unknown for being new. */
export function longestDeadAfter(assets: Config["assets"]): number {
  let longest = 0;
  for (const asset of Object.values(assets)) {
    const every = Math.max(asset.snmp?.every ?? 0, asset.modbus?.every ?? 0, asset.mqtt?.every ?? 0);
    longest = Math.max(longest, deadAfterMs(asset, every));
  }
  return longest;
}

/** True for a reading that says its asset is there: it has a value, and not an old one carried on. */
export function isEvidence(quality: Quality): boolean {
  return !isBad(quality) && quality !== Q.UncertainLastUsableValue;
}

interface Options {
  readonly assets: Config["assets"];
  readonly index: AssetIndex;
  readonly startedAt: number;
  /** A critical alarm of its own: nothing is taken to pass through such an asset. */
  readonly isCritical: (asset: number) => boolean;
}

/** Presence of every asset, by data, by what its sources say, and by the way to it. */
export class Presences {
  readonly #configs: readonly Config["assets"][string][];
  readonly #index: AssetIndex;
  readonly #startedAt: number;
  readonly #isCritical: (asset: number) => boolean;
  readonly #ways: Ways;
  readonly #presence: Presence[];
  readonly #statuses: (Map<string, SourceStatus> | undefined)[];
  /** Time of the newest value, ms since epoch; 0 before the first. */
  readonly #data: Float64Array;
  readonly #every: Float64Array;
  /** Since when there is a way to it again, where there was none. */
  readonly #reachable: Float64Array;
  /** When time alone may change its presence. */
  readonly #deadline: Float64Array;
  readonly #changed = new Set<number>();

  constructor(options: Options) {
    const { assets, index, startedAt } = options;
    this.#configs = Object.values(assets);
    this.#index = index;
    this.#startedAt = startedAt;
    this.#isCritical = options.isCritical;
    this.#ways = compileWays(assets, index);
    const n = this.#configs.length;
    this.#presence = new Array<Presence>(n).fill(waiting);
    this.#statuses = new Array<undefined>(n).fill(undefined);
    this.#data = new Float64Array(n);
    this.#every = Float64Array.from(this.#configs, configuredEvery);
    this.#reachable = new Float64Array(n);
    this.#deadline = new Float64Array(n).fill(startedAt);
  }

  of(asset: number): Presence {
    return this.#presence[asset] ?? waiting;
  }

  /** Time of the newest value, ms since epoch; 0 before the first. */
  lastData(asset: number): number {
    return this.#data[asset] ?? 0;
  }

  /** What agents say of its sources, in the order of first word. */
  statuses(asset: number): readonly SourceStatus[] {
    return [...(this.#statuses[asset]?.values() ?? [])];
  }

  /** A series of an asset whose config has no source (fed from outside): its interval counts. */
  expect(asset: number, everyMs: number): void {
    if (configuredEvery(this.#configs[asset]) === 0) this.#every[asset] = Math.max(this.#every[asset] ?? 0, everyMs);
  }

  /** A reading with a value. Costs a comparison while the asset delivers. */
  data(asset: number, time: number, now: number): void {
    const at = time > now ? now : time;
    if (at <= (this.#data[asset] ?? 0)) return;
    this.#data[asset] = at;
    if (this.#presence[asset] !== delivering) this.refresh(asset, now);
  }

  /** What an agent says of a source; returns its asset. Word of a protocol that config does not have there is old, and dropped. */
  status(status: SourceStatus, now: number): number | undefined {
    const asset = this.#index.indexOf(status.asset);
    const config = asset === undefined ? undefined : this.#configs[asset];
    if (asset === undefined || config === undefined) return undefined;
    if (config[status.protocol] === undefined && configuredEvery(config) > 0) return undefined;
    const known = this.#statuses[asset] ?? new Map<string, SourceStatus>();
    this.#statuses[asset] = known.set(status.protocol, status);
    this.refresh(asset, now);
    return asset;
  }

  /** Some asset has not been heard of since the start, and may still turn out to be dead. */
  get unsure(): boolean {
    return this.#presence.some(({ kind }, asset) => kind === "stale" || (kind === "waiting" && (this.#every[asset] ?? 0) > 0));
  }

  /** Lets time pass. */
  tick(now: number): void {
    const deadline = this.#deadline;
    for (let asset = 0; asset < deadline.length; asset++) if (now >= (deadline[asset] ?? 0)) this.refresh(asset, now);
  }

  /** Looks at one asset anew, and at those behind it where that matters to them. */
  refresh(asset: number, now: number): void {
    const todo = [asset];
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      this.#settle(one, now);
      // Only those without data care for their way.
      for (const child of this.#ways.behind.get(one) ?? []) {
        const { kind } = this.of(child);
        if (kind !== "delivering" && this.#differs(child, now)) todo.push(child);
      }
    }
  }

  /** Assets with another presence since the last call. */
  takeChanged(): readonly number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #settle(asset: number, now: number): void {
    const before = this.of(asset);
    if (before.kind === "unreachable" && this.#blockers(asset).length === 0) this.#reachable[asset] = now;
    const after = this.#judge(asset, now);
    this.#deadline[asset] = this.#nextLook(asset, after);
    if (samePresence(before, after)) return;
    this.#presence[asset] = after;
    this.#changed.add(asset);
  }

  #differs(asset: number, now: number): boolean {
    return !samePresence(this.of(asset), this.#judge(asset, now));
  }

  #judge(asset: number, now: number): Presence {
    const data = this.#data[asset] ?? 0;
    const down = this.#allDown(asset);
    if (data > 0 && !down && now <= data + this.#validMs(asset)) return delivering;
    if (data === 0 && this.#every[asset] === 0) return waiting;
    const blame = this.#blockers(asset);
    if (blame.length > 0) return { kind: "unreachable", blame };
    if (now >= this.#deadAt(asset)) return dead;
    return data < this.#startedAt && !down ? waiting : stale;
  }

  /** Assets that have to do with an asset being as it is: itself, or all that stands in the ways to it. */
  obstacles(asset: number): readonly number[] {
    return this.of(asset).kind === "unreachable" ? obstaclesOf(this.#ways, asset, this.#obstruction) : [asset];
  }

  /** True where an asset is well once these are: itself, or enough of what stands in the ways to it. */
  recovers(asset: number, well: ReadonlySet<number>): boolean {
    return this.of(asset).kind === "unreachable" ? opensWith(this.#ways, asset, this.#obstruction, well) : well.has(asset);
  }

  readonly #obstruction: Obstruction = {
    isBad: (parent) => {
      const { kind } = this.of(parent);
      return kind === "stale" || kind === "dead" || kind === "unreachable" || this.#isCritical(parent);
    },
    isCut: (parent) => this.of(parent).kind === "unreachable",
  };

  #blockers(asset: number): readonly number[] {
    return blockedBy(this.#ways, asset, {
      isBad: this.#obstruction.isBad,
      blameOf: (parent) => {
        const presence = this.of(parent);
        return presence.kind === "unreachable" ? presence.blame : [];
      },
    });
  }

  #deadAt(asset: number): number {
    const config = this.#configs[asset];
    const since = Math.max(this.#data[asset] ?? 0, this.#startedAt, this.#reachable[asset] ?? 0);
    return config === undefined ? Number.POSITIVE_INFINITY : since + deadAfterMs(config, this.#every[asset] ?? 0);
  }

  #validMs(asset: number): number {
    return validityMs(this.#every[asset] ?? 0);
  }

  #nextLook(asset: number, presence: Presence): number {
    if (presence.kind === "delivering") return (this.#data[asset] ?? 0) + this.#validMs(asset) + 1;
    if (presence.kind === "dead" || presence.kind === "unreachable" || this.#every[asset] === 0) return Number.POSITIVE_INFINITY;
    return this.#deadAt(asset);
  }

  #allDown(asset: number): boolean {
    const statuses = this.#statuses[asset];
    if (statuses === undefined) return false;
    for (const status of statuses.values()) if (status.state !== "down") return false;
    return true;
  }
}

/** The longest interval of an asset's sources, ms; 0 where it has none. */
function configuredEvery(asset: Config["assets"][string] | undefined): number {
  return Math.max(0, asset?.snmp?.every ?? 0, asset?.modbus?.every ?? 0, asset?.mqtt?.every ?? 0);
}

function samePresence(a: Presence, b: Presence): boolean {
  if (a.kind !== "unreachable" || b.kind !== "unreachable") return a.kind === b.kind;
  return a.blame.length === b.blame.length && a.blame.every((asset, i) => asset === b.blame[i]);
}
