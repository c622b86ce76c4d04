import type { Story } from "../../config/rules-test.ts";
import type { Config } from "../../config/schema.ts";
import { ColumnBuilder } from "../../core/columns.ts";
import { Q } from "../../core/quality.ts";
import type { Protocol, SourceStatus } from "../../core/source.ts";
import { createPlant } from "../judge.ts";
import type { Plant } from "../plant.ts";
import { Registry } from "../registry.ts";
import { type Cast, castOf, heartbeatMs } from "./cast.ts";

/** The collector ticks once a second. */
const tickMs = 1000;

/**
 * Plays a story through the same plant that the collector runs, on a clock of its own: calls back at each moment that the
 * story expects something of, in order of time.
 */
export function rehearse(config: Config, story: Story, at: (moment: Story["expect"][number], plant: Plant) => void): void {
  const cast = castOf(config, story);
  const stage = new Stage(cast, story.start);
  const moments = [...story.expect].sort((a, b) => a.at - b.at);
  const end = moments.at(-1)?.at ?? 0;
  const stepMs = [tickMs, heartbeatMs, ...cast.parts.map((part) => part.everyMs), ...moments.map((moment) => moment.at)].reduce(gcd);
  let next = 0;
  for (let ms = 0; ms <= end; ms += stepMs) {
    stage.play(ms);
    for (let moment = moments[next]; moment !== undefined && moment.at <= ms; moment = moments[++next]) at(moment, stage.plant);
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

class Stage {
  readonly plant: Plant;
  readonly #cast: Cast;
  readonly #start: number;
  readonly #columns = new ColumnBuilder(64);
  readonly #silent = new Set<string>();

  constructor(cast: Cast, start: number) {
    this.#cast = cast;
    this.#start = start;
    const registry = new Registry();
    for (const { description } of cast.parts) {
      registry.accept({ series: [{ ...description, index: registry.size, agent: "test" }], aliases: [] });
    }
    this.plant = createPlant({ config: cast.config, registry, facts: new Map(), startedAt: start });
  }

  /** What happens at a time after the start. */
  play(ms: number): void {
    const now = this.#start + ms;
    const { parts } = this.#cast;
    this.#columns.clear();
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === undefined || ms % part.everyMs !== 0) continue;
      const found = this.#cast.heard(part.description.asset, ms) ? part.at(ms) : undefined;
      if (found !== undefined) this.#columns.put(i, now, found.value, found.known ? Q.Good : Q.BadNoCommunication);
    }
    this.#tellSources(ms, now);
    this.plant.apply(this.#columns.view(), now);
    if (ms % tickMs === 0) this.plant.tick(now);
    this.plant.changes(now);
  }

  /** An asset that the story makes unknown does not answer; the others do. */
  #tellSources(ms: number, now: number): void {
    for (const asset of Object.keys(this.#cast.config.assets)) {
      const silent = !this.#cast.heard(asset, ms);
      if (silent === this.#silent.has(asset)) continue;
      if (silent) this.#silent.add(asset);
      else this.#silent.delete(asset);
      this.plant.sources(statuses(this.#cast.config, asset, silent ? "down" : "up"), now);
    }
  }
}

function statuses({ assets }: Config, asset: string, state: SourceStatus["state"]): readonly SourceStatus[] {
  const protocols: readonly Protocol[] = ["snmp", "modbus", "mqtt"];
  const has = protocols.filter((protocol) => assets[asset]?.[protocol] !== undefined);
  const reason = state === "down" ? "silent by the test" : "";
  return (has.length === 0 ? protocols.slice(0, 1) : has).map((protocol) => ({
    asset,
    protocol,
    target: "test",
    state,
    reason,
    lastOk: null,
  }));
}
