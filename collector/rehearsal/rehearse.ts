import type { Story } from "../../config/rules-test.ts";
import type { Config } from "../../config/schema.ts";
import { ColumnBuilder } from "../../core/columns.ts";
import { Q } from "../../core/quality.ts";
import type { Protocol, SourceStatus } from "../../core/source.ts";
import { createPlant } from "../judge.ts";
import type { Plant } from "../plant.ts";
import { Registry } from "../registry.ts";
import { type Cast, castOf, heartbeatMs } from "./cast.ts";
import { Messenger, type ToldNews } from "./messenger.ts";

/** The collector ticks once a second. */
const tickMs = 1000;

/** What a rehearsal calls back for. */
export interface Audience {
  /** Somebody does something to alarms or incidents. */
  readonly act: (act: Story["acts"][number], played: Played) => void;
  /** A channel is told something, so long after the start. */
  readonly told: (news: ToldNews) => void;
  /** The story expects something of this moment. */
  readonly moment: (moment: Story["expect"][number], played: Played) => void;
}

/** What is played: how it stands, and what can be done to it. */
export interface Played {
  readonly plant: Plant;
  readonly incidents: Pick<Messenger, "incidents" | "acknowledge">;
}

/**
 * Plays a story through the same plant and the same notification rules that the collector runs, on a clock of its own, in order
 * of time: what happens, what people do, what they are told, what is expected.
 */
export function rehearse(config: Config, story: Story, { act, told, moment: at }: Audience): void {
  const cast = castOf(config, story);
  const stage = new Stage(cast, story.start);
  const moments = [...story.expect].sort((a, b) => a.at - b.at);
  const acts = [...story.acts].sort((a, b) => a.at - b.at);
  const end = moments.at(-1)?.at ?? 0;
  const times = [...moments, ...acts].map((one) => one.at);
  const stepMs = [tickMs, heartbeatMs, ...cast.parts.map((part) => part.everyMs), ...times].reduce(gcd);
  const [actsUntil, momentsUntil] = [due(acts), due(moments)];
  for (let ms = 0; ms <= end; ms += stepMs) {
    stage.play(ms);
    for (const one of actsUntil(ms)) act(one, stage);
    for (const news of stage.tell(ms)) told(news);
    for (const moment of momentsUntil(ms)) at(moment, stage);
  }
}

/** Hands out what is due by a time, each once. `all` is in order of time. */
function due<T extends { readonly at: number }>(all: readonly T[]): (ms: number) => readonly T[] {
  let next = 0;
  return (ms) => {
    const from = next;
    while ((all[next]?.at ?? Number.POSITIVE_INFINITY) <= ms) next++;
    return all.slice(from, next);
  };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

class Stage implements Played {
  readonly plant: Plant;
  readonly incidents: Messenger;
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
    this.incidents = new Messenger(cast.config, this.plant, start);
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
    this.incidents.take(this.plant.changes(now));
  }

  /** What channels are told now, once people have done what they do. */
  tell(ms: number): readonly ToldNews[] {
    const now = this.#start + ms;
    this.incidents.take(this.plant.changes(now));
    return ms % tickMs === 0 ? this.incidents.tick(now) : [];
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
