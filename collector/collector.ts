import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createSink, createStore } from "../adapters/stores/list.ts";
import { sameValue } from "../config/diff.ts";
import { type CollectorConfig, type Config, collector as collectorSchema } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Sink } from "../core/sink.ts";
import type { Store, StoreState } from "../core/store.ts";
import { Agents, gapFacts } from "./agents.ts";
import { type AlarmActs, createAlarmActs } from "./alarm-acts.ts";
import { Audit } from "./alarms/audit.ts";
import { Announcer } from "./announcer.ts";
import { Committer } from "./committer.ts";
import { ReadingCounts } from "./counts.ts";
import type { Door } from "./door/door.ts";
import { checkDoor, openDoor, readTls } from "./door/setup.ts";
import { createHttp } from "./http/app.ts";
import { createIngest } from "./ingest.ts";
import { Feeder } from "./journal/sinks.ts";
import { createPlant } from "./judge.ts";
import { Latest } from "./latest.ts";
import { ListenError, type Listening, listenOn } from "./listen.ts";
import { LiveView } from "./live.ts";
import { Duty } from "./notify/duty.ts";
import { pastReadings } from "./past.ts";
import type { Plant } from "./plant.ts";
import { readingUpdate } from "./reading-view.ts";
import { Registry } from "./registry.ts";
import type { Stored } from "./round.ts";
import { Hindsight } from "./slo/hindsight.ts";
import { Recorder } from "./slo/recorder.ts";
import { ServiceLevelKeeper } from "./slo/service-levels.ts";
import { every } from "./timers.ts";
import { Told, toldFacts } from "./told.ts";
import type { CollectorView } from "./view.ts";

export interface CollectorOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  /** Folder of the built UI; beside the built program without it. */
  readonly webRoot?: string;
}

export interface RunningCollector {
  /** Where it listens: `http://127.0.0.1:8460`. */
  readonly url: string;
  readonly view: CollectorView;
  /** Takes over assets, alarms, services and maintenance of a new config. Rejects, and keeps the old one, where services cannot be judged. */
  reload(config: Config): Promise<void>;
  /** Waits for the commit under way; what comes later is refused, and agents keep it. */
  stop(): Promise<void>;
}

const tickMs = 1000;
const driftCheckMs = 60_000;
const pruneEveryMs = 3_600_000;
/** How long requests under way may take once it is told to stop. */
const graceMs = 500;

/**
 * Starts a collector: opens its store, takes up what it knew, judges it, feeds the sinks, serves HTTP. Rejects with StoreError or
 * ListenError when the store or the address cannot be had; then nothing is left open.
 */
export async function startCollector(options: CollectorOptions): Promise<RunningCollector> {
  const settings = settingsOf(options.config);
  checkDoor(options.config, settings);
  const store = await createStore(settings.store, options.log);
  const state = await store.open();
  try {
    const sinks = await openSinks(settings, options.log);
    await store.keepCursors(sinks.map((sink) => sink.name));
    const collector = new Collector({ options, settings, store, state, sinks });
    await collector.start();
    return collector;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function settingsOf(config: Config): CollectorConfig {
  const found = config.collector ?? collectorSchema.parse({});
  const dir = resolve(config.directory, found.store.duckdb.dir);
  return { ...found, store: { duckdb: { ...found.store.duckdb, dir } } };
}

async function openSinks(settings: CollectorConfig, log: Log): Promise<readonly Sink[]> {
  const sinks: Sink[] = [];
  for (const config of settings.sinks) {
    const sink = await createSink(config, log);
    if (sink === undefined) continue;
    if (sinks.some(({ name }) => name === sink.name)) throw new ListenError(`collector.sinks: two of them are called ${sink.name}`);
    sinks.push(sink);
  }
  return sinks;
}

interface Parts {
  readonly options: CollectorOptions;
  readonly settings: CollectorConfig;
  readonly store: Store;
  readonly state: StoreState;
  readonly sinks: readonly Sink[];
}

class Collector implements RunningCollector {
  readonly view: LiveView;
  readonly #options: CollectorOptions;
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #latest = new Latest();
  readonly #agents: Agents;
  readonly #told: Told;
  readonly #duty: Duty;
  readonly #counts = new ReadingCounts();
  readonly #announcer: Announcer;
  readonly #levels: ServiceLevelKeeper;
  readonly #hindsight: Hindsight;
  readonly #committer: Committer;
  readonly #feeders: readonly Feeder[];
  readonly #door: Door;
  /** All that is stored or on its way there: a plant made anew takes it up. */
  readonly #facts: Map<string, string>;
  #settings: CollectorConfig;
  #plant: Plant;
  #config: Config;
  #drift = 0;
  #listening: Listening | undefined;
  #phase: "starting" | "running" | "stopping";
  #endTimers: readonly (() => void)[] = [];

  constructor({ options, settings, store, state, sinks }: Parts) {
    const { clock, log } = options;
    this.#options = options;
    this.#settings = settings;
    this.#store = store;
    this.#phase = "starting";
    this.#facts = new Map(state.facts);
    this.#registry = new Registry(state.series, state.aliases);
    this.#latest.apply(state.latest, 0);
    this.#agents = new Agents(state.facts, state.marks);
    this.#told = new Told(state.facts);
    this.#duty = new Duty({ facts: state.facts, clock, log });
    this.#announcer = new Announcer(log);
    this.#door = openDoor({ config: options.config, settings, clock, log });
    const dir = join(settings.store.duckdb.dir, "services");
    const recorder = new Recorder({ dir, log, now: clock.now() });
    this.#levels = new ServiceLevelKeeper({ recorder, facts: state.facts, now: () => clock.now() });
    this.#plant = this.#judge(options.config);
    this.#config = options.config;
    this.#hindsight = new Hindsight({
      recorder,
      log,
      plantAt: (startedAt) => createPlant({ config: this.#config, registry: this.#registry, facts: new Map(), startedAt }),
      readings: (from, to) => pastReadings(store, { series: this.#registry.size, from, to }),
    });
    this.#feeders = sinks.map((sink) => this.#feeder(sink, state.end));
    this.#committer = new Committer({
      store,
      registry: this.#registry,
      marks: state.marks,
      clock,
      log,
      facts: () => this.#dirtyFacts(),
      factsOf: ({ agent, epoch, preamble }) => [...toldFacts(preamble), ...gapFacts({ agent, epoch, gaps: preamble.gaps ?? [] })],
      stored: (stored) => this.#stored(stored),
    });
    this.view = this.#view();
  }

  get url(): string {
    return this.#listening?.url ?? "";
  }

  async start(): Promise<void> {
    const { clock, log } = this.#options;
    const { listen, hosts, trust_proxy: trustProxy } = this.#settings;
    const door = this.#door;
    const reach = (agent: string) => door.agents.reach(agent);
    const ingest = createIngest({ committer: this.#committer, agents: this.#agents, counts: this.#counts, reach, clock, log });
    const webRoot = this.#options.webRoot ?? builtUi();
    const parts = { view: this.view, ingest, levels: this.#levels, acts: this.#acts(), door };
    const http = createHttp({ ...parts, log, listen, hosts, trustProxy, webRoot });
    this.#listening = await listenOn(listen, http, { tls: readTls(this.#settings) });
    for (const feeder of this.#feeders) feeder.start();
    this.#endTimers = [
      every(clock, tickMs, () => this.#tick()),
      every(clock, driftCheckMs, () => this.#checkDrift()),
      every(clock, pruneEveryMs, () => void this.#prune()),
    ];
    this.#phase = "running";
    log.info({ url: this.url, store: this.#settings.store.duckdb.dir, series: this.#registry.size }, "collector listens");
  }

  async reload(config: Config): Promise<void> {
    const { log, clock } = this.#options;
    const settings = settingsOf(config);
    checkDoor(config, this.#settings);
    const fixed = ({ listen, sinks, store, insecure, tls, hosts, trust_proxy }: CollectorConfig) => ({
      ...{ listen, sinks, insecure, tls, hosts, trust_proxy },
      dir: store.duckdb.dir,
    });
    if (!sameValue(fixed(settings), fixed(this.#settings)))
      log.warn({}, "collector's address, TLS, proxies, store and sinks change with a restart only");
    await this.#committer.flush();
    this.#dirtyFacts();
    this.#plant = this.#judge(config);
    this.#door.reload(config);
    this.#config = config;
    this.#hindsight.forget();
    this.#settings = { ...this.#settings, store: { duckdb: { ...this.#settings.store.duckdb, retain: settings.store.duckdb.retain } } };
    this.#announcer.tell([{ type: "config", time: clock.now() }]);
    log.info({}, "collector took over a new config");
  }

  async stop(): Promise<void> {
    this.#phase = "stopping";
    for (const end of this.#endTimers) end();
    await this.#listening?.close(graceMs);
    await Promise.all([...this.#feeders.map((feeder) => feeder.stop()), this.#duty.stop()]);
    await this.#committer.flush();
    await this.#levels.close();
    await this.#store.close();
  }

  #judge(config: Config): Plant {
    const now = this.#options.clock.now();
    const plant = createPlant({ config, registry: this.#registry, latest: this.#latest, facts: this.#facts, startedAt: now });
    plant.sources(this.#told.sources(), now);
    // A start is no news.
    plant.changes(now);
    this.#levels.begin(config, plant.services());
    this.#duty.begin(config, plant);
    return plant;
  }

  #feeder(sink: Sink, end: number): Feeder {
    const { clock, log } = this.#options;
    const deadLetters = join(this.#settings.store.duckdb.dir, "dead-letter");
    const describe = (index: number) => this.#registry.get(index);
    return new Feeder({ sink, store: this.#store, describe, end, deadLetters, clock, log, random: Math.random });
  }

  #view(): LiveView {
    return new LiveView({
      store: this.#store,
      registry: this.#registry,
      latest: this.#latest,
      agents: this.#agents,
      told: this.#told,
      duty: this.#duty,
      counts: this.#counts,
      announcer: this.#announcer,
      levels: this.#levels,
      clock: this.#options.clock,
      feeders: () => this.#feeders,
      plant: () => this.#plant,
      drift: () => this.#drift,
      notReady: () => (this.#phase === "running" ? this.#committer.fault : `the collector is ${this.#phase}`),
    });
  }

  #acts(): AlarmActs {
    return createAlarmActs({
      plant: () => this.#plant,
      audit: new Audit(join(this.#settings.store.duckdb.dir, "alarm-acts.ndjson")),
      now: () => this.#options.clock.now(),
      settle: async (now) => {
        this.#tellChanges(now);
        await this.#committer.flush();
      },
    });
  }

  /** What is durable is counted, shown, and then judged. */
  #stored({ series, batches }: Stored): void {
    const now = this.#options.clock.now();
    let grown = 0;
    for (const { agent, epoch, seq, preamble, readings, refused } of batches) {
      this.#latest.apply(readings, now);
      this.#told.take(preamble);
      this.#hindsight.heard(readings, now);
      this.#announcer.changed(readings.series, readings.length);
      this.#counts.add("stored", readings.length);
      this.#counts.add("refused_future", refused);
      this.#counts.add("lost", this.#agents.stored({ agent, epoch, seq, gaps: preamble.gaps ?? [] }));
      grown += readings.length;
    }
    for (const feeder of this.#feeders) feeder.grown(grown);
    for (const one of series) this.#plant.describe(one);
    for (const { agent, preamble, readings } of batches) {
      this.#plant.apply(readings, now, this.#agents.skewMs(agent));
      if (preamble.sources !== undefined) this.#plant.sources(preamble.sources, now);
    }
    this.#tellChanges(now);
  }

  #tick(): void {
    const { clock, log } = this.#options;
    try {
      const now = clock.now();
      this.#plant.tick(now);
      this.#tellChanges(now);
      this.#tellBurns(this.#levels.tick(now, () => this.#plant.services()));
      this.#duty.tick();
      this.#announcer.tellReadings((series) => readingUpdate(this.#registry.get(series), this.#latest));
    } catch (error) {
      log.error({ error: messageOf(error) }, "collector: the plant could not be judged");
    }
    const stored = this.#duty.sendAfter(() => this.#committer.flush());
    stored.catch((error: unknown) => log.error({ error: messageOf(error) }, "collector: states could not be stored"));
    void this.#levels.flush();
    void this.#hindsight.tick(clock.now());
  }

  #tellChanges(now: number): void {
    const events = this.#plant.changes(now);
    this.#levels.hear(events, now);
    this.#duty.take(events);
    this.#announcer.tell(events.map((event) => (event.type === "asset" ? { ...event, asset: this.view.complete(event.asset) } : event)));
  }

  /** A burn-rate alarm that began or ended to fire is news of its service. */
  #tellBurns(ids: readonly string[]): void {
    for (const id of ids) {
      const detail = this.view.service(id);
      if (detail === undefined) continue;
      const { needs: _needs, alarms: _alarms, ...service } = detail;
      this.#announcer.tell([{ type: "service", service }]);
    }
  }

  #checkDrift(): void {
    const before = this.#drift;
    this.#drift = this.#plant.checkDrift();
    if (this.#drift > before)
      this.#options.log.error({ services: this.#drift - before }, "levels of services had drifted from a full recompute");
  }

  async #prune(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      this.#levels.forget(this.#settings.store.duckdb.retain);
      const deleted = await this.#store.prune(clock.now() - this.#settings.store.duckdb.retain);
      if (deleted > 0) log.info({ readings: deleted }, "store: readings past `retain` are deleted");
    } catch (error) {
      log.warn({ error: messageOf(error) }, "store: old readings could not be deleted");
    }
  }

  #dirtyFacts(): ReadonlyMap<string, string> {
    const told = [...this.#agents.dirtyFacts(), ...this.#levels.dirtyFacts(), ...this.#duty.dirtyFacts()];
    const dirty = new Map([...this.#plant.dirtyFacts(), ...told]);
    for (const [key, value] of dirty) this.#facts.set(key, value);
    return dirty;
  }
}

/** dist/web, whether this runs from dist/ or from its source. */
function builtUi(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../dist/web/" : "../web/", import.meta.url));
}
