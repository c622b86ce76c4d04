import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import type { CollectorEvent } from "../core/api.ts";
import type { BatchPreamble } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { partOf } from "../core/columns.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Store, StoreState } from "../core/store.ts";
import { Agents } from "./agents.ts";
import { alarmOf } from "./alarms/fact.ts";
import { Announcer } from "./announcer.ts";
import { ReadingCounts } from "./counts.ts";
import { type Facts, gatherFacts } from "./fact.ts";
import { createPlant } from "./judge.ts";
import { Latest } from "./latest.ts";
import { completed } from "./live.ts";
import { Duty } from "./notify/duty.ts";
import { pastReadings } from "./past.ts";
import type { Plant } from "./plant.ts";
import { Present, type Shown } from "./present.ts";
import { readingUpdate } from "./reading-view.ts";
import { Registry } from "./registry.ts";
import type { Stored, WaitingBatch } from "./round.ts";
import { Hindsight } from "./slo/hindsight.ts";
import type { IncidentsOf } from "./slo/outages.ts";
import { Recorder } from "./slo/recorder.ts";
import { ServiceLevelKeeper } from "./slo/service-levels.ts";
import { Told } from "./told.ts";
import { TopologyBook } from "./topology/book.ts";
import { ToldTopologies } from "./topology/told.ts";

/** Readings that are judged before the loop has its turn: some 50 ms where each of them raises an alarm. */
export const mostPerTurn = 10_000;

export interface ControlRoomOptions {
  readonly config: Config;
  readonly store: Store;
  /** What the store kept over the restart. */
  readonly state: StoreState;
  /** Where history beside the store is kept. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Where what is durable is taken in, judged and told: newest values, the plant with its alarms and services, incidents and
 * service levels. It touches neither network nor store; what it wants kept it hands out as facts.
 */
export class ControlRoom {
  readonly registry: Registry;
  readonly latest = new Latest();
  readonly agents: Agents;
  readonly present = new Present();
  readonly told: Told;
  readonly topology: TopologyBook;
  readonly duty: Duty;
  readonly counts = new ReadingCounts();
  readonly announcer: Announcer;
  readonly levels: ServiceLevelKeeper;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #hindsight: Hindsight;
  readonly #topologies: ToldTopologies;
  /** All that is stored or on its way there: a plant made anew takes it up. */
  readonly #facts: Map<string, string>;
  /** Handed to a new plant, but not yet handed out to be stored. */
  #unstored = new Map<string, string>();
  #plant: Plant;
  #config: Config;
  #drift = 0;
  /** A large commit is being judged, in several turns: nothing is told of what is only half there. */
  #judging: boolean = false;
  /** A second passed meanwhile: commits that follow one another closely must not keep time from passing. */
  #tickMissed: boolean = false;

  constructor({ config, store, state, dir, clock, log }: ControlRoomOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#facts = new Map(state.facts);
    this.registry = new Registry(state.series, state.aliases);
    this.latest.apply(state.latest, 0);
    this.agents = new Agents(state.facts, state.marks);
    this.told = new Told(state.facts);
    this.#topologies = new ToldTopologies(state.facts);
    this.topology = new TopologyBook(this.#topologies, () => this.#config.assets);
    this.duty = new Duty({ facts: state.facts, deadLetters: join(dir, "dead-letter"), clock, log });
    this.announcer = new Announcer(log);
    const recorder = new Recorder({ dir: join(dir, "services"), log, now: clock.now() });
    const incidentsOf: IncidentsOf = (asked) => this.duty.incidents(asked);
    this.levels = new ServiceLevelKeeper({ recorder, facts: state.facts, incidentsOf, now: () => clock.now() });
    this.#config = config;
    this.#plant = this.#judge(config);
    this.#hindsight = new Hindsight({
      recorder,
      log,
      plantAt: (startedAt) => createPlant({ config: this.#config, registry: this.registry, facts: new Map(), startedAt }),
      readings: (from, to) => pastReadings(store, { series: this.registry.size, from, to }),
    });
  }

  get plant(): Plant {
    return this.#plant;
  }

  /** Services whose level was found to differ from a full recompute, since the start. */
  get drift(): number {
    return this.#drift;
  }

  /** Judges anew what is known, by a new config. Throws, and keeps the old one, where services cannot be judged. */
  takeOver(config: Config): void {
    this.#unstored = new Map(this.dirtyFacts());
    this.#plant = this.#judge(config);
    this.#config = config;
    this.#hindsight.forget();
    this.announcer.tell([{ type: "config", time: this.#clock.now() }]);
  }

  /**
   * What is durable is counted, shown, and then judged: at once, or where it is much in several turns of the loop, and told after the
   * last of them. Not called again before.
   */
  async stored({ series, batches }: Stored): Promise<void> {
    const now = this.#clock.now();
    let grown = 0;
    for (const batch of batches) {
      const { agent, epoch, seq, preamble, readings, refused } = batch;
      this.latest.apply(readings, now);
      this.told.take(this.#newsOf(batch));
      this.#topologies.take(batch.preamble);
      this.#hindsight.heard(readings, now);
      this.announcer.changed(readings.series, readings.length);
      this.announcer.tell((preamble.events ?? []).map((event) => ({ type: "event", event })));
      this.counts.add("stored", readings.length);
      this.counts.add("refused_future", refused);
      const until = readings.length === 0 ? undefined : readings.time[readings.length - 1];
      this.counts.add("lost", this.agents.stored({ agent, epoch, seq, gaps: preamble.gaps ?? [], until, traps: preamble.traps }));
      grown += readings.length;
    }
    for (const one of series) this.#plant.describe(one);
    this.#judging = grown > mostPerTurn;
    try {
      for (const batch of batches) await this.#apply(batch, now);
      for (const batch of batches) this.#plant.sources(this.#newsOf(batch).sources ?? [], now);
      if (this.#judging) {
        this.#plant.settle(now);
        await nextTurn();
      }
    } finally {
      this.#judging = false;
    }
    this.tellChanges(now);
    if (!this.#tickMissed) return;
    await nextTurn();
    this.tick();
  }

  async #apply({ agent, readings }: WaitingBatch, now: number): Promise<void> {
    const skewMs = this.agents.skewMs(agent);
    for (let from = 0; from < readings.length; from += mostPerTurn) {
      this.#plant.apply(partOf(readings, from, from + mostPerTurn), now, skewMs);
      if (this.#judging) await nextTurn();
    }
  }

  /** What an agent shows beside its backlog is judged and told as if it were stored. Its batches are still to come. */
  show({ agent, preamble, readings }: Shown): void {
    const now = this.#clock.now();
    this.agents.shown(agent, now);
    this.latest.apply(readings, now);
    this.told.take(preamble);
    this.announcer.changed(readings.series, readings.length);
    this.#plant.apply(readings, now, this.agents.skewMs(agent));
    this.#plant.sources(preamble.sources ?? [], now);
    this.tellChanges(now);
  }

  /** Lets time pass: delays, silences, maintenance, calendars, incidents. A fault of it is logged, and the next second tries again. */
  tick(): void {
    this.#tickMissed = this.#judging;
    if (this.#judging) return;
    try {
      const now = this.#clock.now();
      this.#plant.tick(now);
      this.tellChanges(now);
      this.#tellBurns(this.levels.tick(now, () => this.#plant.services()));
      this.duty.tick();
      const incidents = this.duty.takeChanged();
      this.announcer.tellChanges(
        { size: incidents.length, events: () => incidents.map((incident) => ({ type: "incident", incident })) },
        now,
      );
      this.announcer.tellReadings((series) => readingUpdate(this.registry.get(series), this.latest));
    } catch (error) {
      this.#log.error({ error: messageOf(error) }, "collector: the plant could not be judged");
    }
    void this.levels.flush();
    void this.#hindsight.tick(this.#clock.now());
  }

  /** Carries what the plant sees changed to incidents, service levels and whoever listens. */
  tellChanges(now: number): void {
    if (this.#judging) return;
    const { services, assets, size, events } = this.#plant.news(now);
    this.levels.hear(services, now);
    this.duty.take([...services, ...assets]);
    const inFull = (event: CollectorEvent): CollectorEvent =>
      event.type === "asset" ? { ...event, asset: completed(this, event.asset) } : event;
    this.announcer.tellChanges({ size, events: () => events().map(inFull) }, now);
  }

  /** Forgets losses of before this time, and what was told, and alarms, of assets that config no longer has. */
  forget(before: number): void {
    this.agents.forget(before);
    const isGone = (asset: string): boolean => !Object.hasOwn(this.#config.assets, asset);
    for (const key of [...this.told.forget(isGone), ...this.#topologies.forget(isGone)]) this.#unstored.set(key, "");
    for (const key of this.#facts.keys()) {
      const alarm = alarmOf(key);
      if (alarm !== undefined && !this.#plant.knowsAlarm(alarm)) this.#unstored.set(key, "");
    }
  }

  checkDrift(): void {
    if (this.#judging) return;
    try {
      const services = this.#plant.checkDrift();
      this.#drift += services;
      if (services > 0) this.#log.error({ services }, "levels of services had drifted from a full recompute");
    } catch (error) {
      this.#log.error({ error: messageOf(error) }, "collector: levels of services could not be recomputed");
    }
  }

  /** What changed since the last call and has to outlive the process. */
  dirtyFacts(): Facts {
    const told = [this.agents.dirtyFacts(), this.levels.dirtyFacts(), this.duty.dirtyFacts()];
    const dirty = gatherFacts(this.#unstored, this.#plantFacts(), ...told);
    this.#unstored = new Map();
    for (const [key, value] of dirty) {
      if (value === "") this.#facts.delete(key);
      else this.#facts.set(key, value);
    }
    return dirty;
  }

  /** A fault of judging is logged, and holds up neither what is sent nor what people are to be told. */
  #plantFacts(): Facts {
    try {
      return this.#plant.dirtyFacts();
    } catch (error) {
      this.#log.error({ error: messageOf(error) }, "collector: what changed in the plant could not be kept");
      return new Map();
    }
  }

  /** A backlog says how sources stood long ago: where its agent has shown how they stand now, that is no news. */
  #newsOf(batch: WaitingBatch): BatchPreamble {
    const { sources, ...rest } = batch.preamble;
    return sources === undefined || this.present.isHistory(batch) ? rest : batch.preamble;
  }

  #judge(config: Config): Plant {
    const now = this.#clock.now();
    const plant = createPlant({ config, registry: this.registry, latest: this.latest, facts: this.#facts, startedAt: now });
    plant.sources(this.told.sources(), now);
    // A start is no news.
    plant.news(now);
    this.levels.begin(config, plant.services());
    this.duty.begin(config, plant);
    this.#tellBurning(plant);
    return plant;
  }

  #tellBurning(plant: Plant): void {
    const burning = [...this.levels.firing()].flatMap(([id, burns]) => {
      const service = plant.service(id);
      return service === undefined ? [] : [{ id, name: service.name, owner: service.owner, burns }];
    });
    this.duty.burning(burning);
  }

  /** A burn-rate alarm that began or ended to fire is news of its service. */
  #tellBurns(ids: readonly string[]): void {
    if (ids.length > 0) this.#tellBurning(this.#plant);
    for (const id of ids) {
      const detail = this.#plant.service(id);
      if (detail === undefined) continue;
      const { needs: _needs, alarms: _alarms, ...service } = detail;
      const slo = this.levels.slo(id);
      this.announcer.tell([{ type: "service", service: slo === undefined ? service : { ...service, slo } }]);
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
