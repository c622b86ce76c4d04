import { sameValue } from "../config/diff.ts";
import type { AgentConfig, Config } from "../config/schema.ts";
import type { TrapCounts } from "../core/asset-event.ts";
import { type Clock, pause } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { SeriesDescription } from "../core/reading.ts";
import type { SourceStatus } from "../core/source.ts";
import { Batcher } from "./batcher.ts";
import { CollectorClient, trustOf } from "./client.ts";
import { enrolAtStart } from "./enrol.ts";
import { Identity } from "./identity.ts";
import { both, NowLane } from "./now.ts";
import { AdapterShelf, ownAssets, type PlannedSource, planSources } from "./plan.ts";
import { SeriesRegistry } from "./registry.ts";
import { Runner } from "./runner.ts";
import { settingsOf } from "./settings.ts";
import { Shipper, type ShipperStatus } from "./shipper.ts";
import { inSlices } from "./slices.ts";
import { openSpool } from "./spool/open.ts";
import type { Spool, SpoolStats } from "./spool/spool.ts";
import { TrapPort } from "./traps/port.ts";

export interface AgentOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  /** Comes before the name in the config. */
  readonly name?: string;
}

/** What an agent says of itself. */
export interface AgentStatus {
  readonly name: string;
  readonly epoch: string;
  readonly series: number;
  readonly sources: readonly SourceStatus[];
  readonly spool: SpoolStats;
  readonly shipper: ShipperStatus;
  /** What became of datagrams at its port for traps, where it has one. */
  readonly traps?: TrapCounts;
}

export interface RunningAgent {
  status(): AgentStatus;
  /** Takes over the assets of a new config; sources that it leaves as they are keep their connections. */
  reload(config: Config): Promise<void>;
  /** Closes the sources, makes durable what they read, and gives the collector a moment to take it. */
  stop(): Promise<void>;
}

/** How long a stopping agent waits for its last batches to be taken. */
const farewellMs = 1000;

/** Starts an agent: reads its assets, spools, ships. Rejects when its spool cannot be opened; a dead device or collector is no reason to. */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const settings = settingsOf(options);
  const { log, clock } = options;
  const registry = new SeriesRegistry();
  const spool = await openSpool({
    dir: settings.spool.dir,
    maxBytes: settings.spool.max_size,
    clock,
    log,
    series: registry,
  });
  return new Agent({ options, settings, registry, spool }).start();
}

interface AgentParts {
  readonly options: AgentOptions;
  readonly settings: AgentConfig;
  readonly registry: SeriesRegistry;
  readonly spool: Spool;
}

class Agent implements RunningAgent {
  readonly #parts: AgentParts;
  readonly #shelf: AdapterShelf;
  readonly #batcher: Batcher;
  readonly #runner: Runner;
  readonly #identity: Identity;
  readonly #client: CollectorClient;
  readonly #shipper: Shipper;
  readonly #traps: TrapPort | undefined;
  #plans = new Map<string, PlannedSource>();
  #reloading: Promise<void> = Promise.resolve();
  readonly #leave = new AbortController();
  #shipping: Promise<void> = Promise.resolve();

  constructor(parts: AgentParts) {
    const { clock, log } = parts.options;
    const { spool, registry, settings } = parts;
    this.#parts = parts;
    this.#shelf = new AdapterShelf({ clock, log });
    this.#batcher = new Batcher({ clock, log, append: (batch) => spool.append(batch) });
    const now = new NowLane({ clock, spool, series: registry });
    this.#runner = new Runner({ clock, log, registry, out: both(this.#batcher, now) });
    this.#identity = new Identity(settings.key);
    this.#client = new CollectorClient({ collector: settings.collector, clock, key: () => this.#identity.key(), ...trustOf(settings) });
    this.#shipper = new Shipper({
      agent: settings.name,
      spool,
      client: this.#client,
      now,
      clock,
      log,
      random: Math.random,
      fresh: () => {
        this.#runner.announce();
        this.#batcher.announce();
      },
    });
    this.#traps = this.#openTraps();
  }

  async start(): Promise<this> {
    const { options, settings, spool } = this.#parts;
    this.#plans = await this.#plan(options.config);
    this.#reloading = this.#add([...this.#plans.values()]);
    this.#shipping = this.#enrolled().then(() => {
      if (!this.#leave.signal.aborted) this.#shipper.start();
    });
    const { waiting } = spool.stats();
    options.log.info({ agent: settings.name, sources: this.#plans.size, spool: settings.spool.dir, waiting }, "agent reads and ships");
    return this;
  }

  status(): AgentStatus {
    const { settings, spool, registry } = this.#parts;
    return {
      name: settings.name,
      epoch: spool.epoch,
      series: registry.size,
      sources: this.#runner.statuses(),
      spool: spool.stats(),
      shipper: this.#shipper.status(),
      ...(this.#traps === undefined ? {} : { traps: this.#traps.counts() }),
    };
  }

  reload(config: Config): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#reload(config));
    this.#reloading = reloaded.catch(() => {});
    return reloaded;
  }

  async stop(): Promise<void> {
    const { spool, options } = this.#parts;
    await this.#reloading;
    await this.#traps?.close();
    await this.#runner.stop();
    await this.#batcher.flush();
    const until = options.clock.monotonic() + farewellMs;
    while (spool.stats().waiting > 0 && this.#shipper.status().state === "shipping" && options.clock.monotonic() < until)
      await pause(options.clock, 10);
    this.#leave.abort();
    await this.#shipping;
    await this.#shipper.stop();
    this.#client.close();
    await spool.close();
    await this.#shelf.close();
  }

  /** No port is opened that config does not ask for. */
  #openTraps(): TrapPort | undefined {
    const { options, settings, registry } = this.#parts;
    const { clock, log, config } = options;
    const batcher = this.#batcher;
    if (settings.traps === undefined) return undefined;
    const out = {
      register: (description: SeriesDescription) => registry.register(description),
      put: batcher.put.bind(batcher),
      event: batcher.event.bind(batcher),
      traps: batcher.traps.bind(batcher),
    };
    const hurry = (asset: string): void => this.#runner.hurry({ asset, protocol: "snmp" });
    const own = ownAssets(config, settings.name);
    return new TrapPort({ port: settings.traps, dir: settings.spool.dir, out, hurry, clock, log }, config, own);
  }

  /** Polling does not wait for it: what is read before goes to the spool. */
  async #enrolled(): Promise<void> {
    const { settings, options } = this.#parts;
    const { name: agent, join } = settings;
    if (join === undefined) return;
    const parts = { agent, client: this.#client, identity: this.#identity, token: () => join.reveal() };
    await enrolAtStart({ ...parts, clock: options.clock, log: options.log }, this.#leave.signal);
  }

  async #reload(config: Config): Promise<void> {
    const { options, settings } = this.#parts;
    if (!sameValue(settingsOf({ ...options, config }), settings))
      options.log.warn({ agent: settings.name }, "agent's name, collector, spool and port for traps change with a restart only");
    const before = this.#plans;
    const after = await this.#plan(config);
    await this.#keepSame(before, after);
    const gone = [...before].filter(([key, plan]) => after.get(key) !== plan);
    const fresh = [...after].filter(([key, plan]) => before.get(key) !== plan);
    this.#plans = after;
    await this.#remove(gone.map(([, plan]) => plan));
    await this.#add(fresh.map(([, plan]) => plan));
    await this.#traps?.hear(config, ownAssets(config, settings.name));
    options.log.info({ stopped: gone.length, started: fresh.length, kept: after.size - fresh.length }, "agent took over a new config");
  }

  /** A plan that says what the one before it said gives way to that one. */
  #keepSame(before: ReadonlyMap<string, PlannedSource>, after: Map<string, PlannedSource>): Promise<void> {
    return inSlices(after, this.#parts.options, ([key, plan]) => {
      const known = before.get(key);
      if (known !== undefined && sameValue(known.spec, plan.spec)) after.set(key, known);
    });
  }

  async #remove(plans: readonly PlannedSource[]): Promise<void> {
    const removed: Promise<void>[] = [];
    await inSlices(plans, this.#parts.options, (plan) => removed.push(this.#runner.remove(plan)));
    await Promise.all(removed);
  }

  /** Thousands of sources are made a few at a time: those that run already are read meanwhile. */
  #add(plans: readonly PlannedSource[]): Promise<void> {
    return inSlices(plans, this.#parts.options, (plan) => this.#runner.add(plan));
  }

  async #plan(config: Config): Promise<Map<string, PlannedSource>> {
    const { options, settings } = this.#parts;
    const plans = new Map<string, PlannedSource>();
    await inSlices(ownAssets(config, settings.name), options, (asset) => {
      for (const plan of planSources(config, asset, this.#shelf)) plans.set(`${plan.asset}/${plan.protocol}`, plan);
    });
    return plans;
  }
}
