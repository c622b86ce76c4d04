import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createSink, createStore } from "../adapters/stores/list.ts";
import { sameValue } from "../config/diff.ts";
import { type CollectorConfig, type Config, collector as collectorSchema } from "../config/schema.ts";
import type { SecurityView } from "../core/api.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Sink } from "../core/sink.ts";
import type { Store, StoreState } from "../core/store.ts";
import { gapFacts } from "./agents.ts";
import { type AlarmActs, createAlarmActs } from "./alarm-acts.ts";
import { Audit } from "./alarms/audit.ts";
import { Committer } from "./committer.ts";
import { ControlRoom } from "./control-room.ts";
import type { Door } from "./door/door.ts";
import { checkDoor, openDoor, readTls } from "./door/setup.ts";
import { createHttp } from "./http/app.ts";
import { createIngest } from "./ingest.ts";
import { Feeder } from "./journal/sinks.ts";
import { ListenError, type Listening, listenOn, type TlsFiles } from "./listen.ts";
import { LiveView } from "./live.ts";
import type { Shown } from "./present.ts";
import { securityOf } from "./security.ts";
import { every } from "./timers.ts";
import { toldFacts } from "./told.ts";
import { topologyFacts } from "./topology/told.ts";
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
/** How often the certificate's files are looked at: they are renewed by others, who may not tell. */
const renewEveryMs = 600_000;
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
  readonly #room: ControlRoom;
  readonly #committer: Committer;
  readonly #feeders: readonly Feeder[];
  readonly #door: Door;
  #config: Config;
  #settings: CollectorConfig;
  #listening: Listening | undefined;
  #tls: TlsFiles | undefined;
  #phase: "starting" | "running" | "stopping";
  #endTimers: readonly (() => void)[] = [];

  constructor({ options, settings, store, state, sinks }: Parts) {
    const { config, clock, log } = options;
    this.#options = options;
    this.#config = config;
    this.#settings = settings;
    this.#store = store;
    this.#phase = "starting";
    this.#door = openDoor({ config, settings, clock, log });
    const room = new ControlRoom({ config, store, state, dir: settings.store.duckdb.dir, clock, log });
    this.#room = room;
    this.#feeders = sinks.map((sink) => this.#feeder(sink, state.end));
    this.#committer = new Committer({
      store,
      registry: room.registry,
      marks: state.marks,
      clock,
      log,
      facts: () => room.dirtyFacts(),
      factsOf: ({ agent, epoch, preamble }) => [
        ...toldFacts(preamble),
        ...topologyFacts(preamble),
        ...gapFacts({ agent, epoch, gaps: preamble.gaps ?? [] }),
      ],
      stored: async (stored) => {
        // Before it is judged: what goes wrong there keeps nothing from the sinks.
        const grown = stored.batches.reduce((sum, { readings }) => sum + readings.length, 0);
        for (const feeder of this.#feeders) feeder.grown(grown);
        await room.stored(stored);
      },
    });
    this.view = new LiveView({
      room,
      store,
      clock,
      feeders: this.#feeders,
      notReady: () => (this.#phase === "running" ? this.#committer.fault : `the collector is ${this.#phase}`),
    });
  }

  get url(): string {
    return this.#listening?.url ?? "";
  }

  async start(): Promise<void> {
    const { clock, log } = this.#options;
    const { listen, hosts, trust_proxy: trustProxy } = this.#settings;
    const room = this.#room;
    const { agents, counts, levels, registry, present } = room;
    const door = this.#door;
    const reach = (agent: string) => door.agents.reach(agent);
    const show = (shown: Shown) => room.show(shown);
    const ingest = createIngest({ committer: this.#committer, registry, agents, counts, present, show, reach, clock, log });
    const webRoot = this.#options.webRoot ?? builtUi();
    const security = (): SecurityView => securityOf({ config: this.#config, settings: this.#settings, door });
    const parts = { view: this.view, ingest, levels, acts: this.#acts(), door, security };
    const http = createHttp({ ...parts, log, listen, hosts, trustProxy, webRoot });
    this.#tls = readTls(this.#settings);
    this.#listening = await listenOn(listen, http, { tls: this.#tls });
    for (const feeder of this.#feeders) feeder.start();
    this.#endTimers = [
      every(clock, tickMs, () => this.#tick()),
      every(clock, driftCheckMs, () => this.#room.checkDrift()),
      every(clock, pruneEveryMs, () => void this.#prune()),
      every(clock, renewEveryMs, () => this.#renewTls()),
    ];
    this.#phase = "running";
    log.info({ url: this.url, store: this.#settings.store.duckdb.dir, series: registry.size }, "collector listens");
  }

  async reload(config: Config): Promise<void> {
    const { log } = this.#options;
    const settings = settingsOf(config);
    checkDoor(config, this.#settings);
    const fixed = ({ listen, sinks, store, insecure, tls, hosts, trust_proxy }: CollectorConfig) => ({
      ...{ listen, sinks, insecure, tls, hosts, trust_proxy },
      dir: store.duckdb.dir,
    });
    if (!sameValue(fixed(settings), fixed(this.#settings)))
      log.warn({}, "collector's address, TLS, proxies, store and sinks change with a restart only");
    await this.#committer.flush();
    this.#room.takeOver(config);
    this.#door.reload(config);
    this.#config = config;
    this.#renewTls();
    this.#settings = { ...this.#settings, store: { duckdb: { ...this.#settings.store.duckdb, retain: settings.store.duckdb.retain } } };
    log.info({}, "collector took over a new config");
  }

  async stop(): Promise<void> {
    this.#phase = "stopping";
    for (const end of this.#endTimers) end();
    await this.#listening?.close(graceMs);
    await Promise.all([...this.#feeders.map((feeder) => feeder.stop()), this.#room.duty.stop()]);
    await this.#committer.flush();
    await this.#committer.idle();
    await this.#room.levels.close();
    await this.#store.close();
  }

  /** Takes over a certificate that was renewed. A bad one is logged, and the old one serves on. */
  #renewTls(): void {
    const { log } = this.#options;
    try {
      const tls = readTls(this.#settings);
      if (tls === undefined || (this.#tls !== undefined && tls.cert.equals(this.#tls.cert) && tls.key.equals(this.#tls.key))) return;
      this.#listening?.renew(tls);
      this.#tls = tls;
      log.info({ cert: this.#settings.tls?.cert }, "collector took over a renewed certificate");
    } catch (error) {
      log.error({ error: messageOf(error) }, "collector: the renewed certificate is no good, the old one serves on");
    }
  }

  #feeder(sink: Sink, end: number): Feeder {
    const { clock, log } = this.#options;
    const deadLetters = join(this.#settings.store.duckdb.dir, "dead-letter");
    const describe = (index: number) => this.#room.registry.get(index);
    return new Feeder({ sink, store: this.#store, describe, end, deadLetters, clock, log, random: Math.random });
  }

  #acts(): AlarmActs {
    return createAlarmActs({
      plant: () => this.#room.plant,
      audit: new Audit(join(this.#settings.store.duckdb.dir, "alarm-acts.ndjson")),
      now: () => this.#options.clock.now(),
      settle: async (now) => {
        this.#room.tellChanges(now);
        await this.#committer.flush();
      },
    });
  }

  #tick(): void {
    this.#room.tick();
    const stored = this.#room.duty.sendAfter(() => this.#committer.flush());
    stored.catch((error: unknown) => this.#options.log.error({ error: messageOf(error) }, "collector: states could not be stored"));
  }

  async #prune(): Promise<void> {
    const { clock, log } = this.#options;
    const { retain } = this.#settings.store.duckdb;
    try {
      this.#room.forget(clock.now() - retain);
      this.#room.levels.forget(retain);
      const deleted = await this.#store.prune(clock.now() - retain);
      if (deleted > 0) log.info({ readings: deleted }, "store: readings past `retain` are deleted");
    } catch (error) {
      log.warn({ error: messageOf(error) }, "store: old readings could not be deleted");
    }
  }
}

/** dist/web, whether this runs from dist/ or from its source. */
function builtUi(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../dist/web/" : "../web/", import.meta.url));
}
