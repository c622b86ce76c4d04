import type { Config } from "../config/schema.ts";
import { AlarmEngine, type Watch } from "./alarms/engine.ts";
import { alarmKey, decodeAlarm, encodeAlarm, habitKey, type KeptAlarm } from "./alarms/fact.ts";
import { decodeHabit, decodeLoad, encodeHabit, encodeLoad } from "./alarms/load-fact.ts";
import { ruleBook } from "./alarms/rule.ts";
import { Suppression } from "./alarms/suppression.ts";
import { type Facts, gatherFacts } from "./fact.ts";
import { Chronicle } from "./services/chronicle.ts";
import { compileGraph, type Graph, leavesOf, serviceAt, watchedBy } from "./services/graph.ts";
import { Leaves } from "./services/leaves.ts";
import { longestDeadAfter, Presences } from "./services/presence.ts";
import { PresentScene } from "./services/present.ts";
import { HIGH, LOW, RollUp } from "./services/rollup.ts";
import { Upkeep } from "./services/upkeep.ts";

interface Options {
  readonly config: Pick<Config, "assets" | "alarms" | "services" | "calendars" | "maintenance">;
  /** What `takeFacts` gave before: of the last run, or of the plant that this one takes over from. */
  readonly facts: ReadonlyMap<string, string>;
  /** ms since epoch. */
  readonly startedAt: number;
  /** Hears of every alarm that there may be something to tell of. */
  readonly alarmChanged: (watch: Watch) => void;
}

/** Slack, ms, after the longest `dead_after` before what is unknown is taken as news and not as the start's doing. */
const settleMs = 5000;

/**
 * The state of a plant, and how a change in it settles: from alarms and presences to leaves, up to the services, into the chronicle,
 * and back to what suppresses alarms. Nothing is carried up until `settle` is called. Throws GraphError where services cannot be judged.
 */
export class Settlement {
  readonly graph: Graph;
  readonly engine: AlarmEngine;
  readonly presences: Presences;
  readonly upkeep: Upkeep;
  readonly rollUp: RollUp;
  readonly chronicle: Chronicle;
  readonly scene: PresentScene;
  /** ms since epoch: until then not knowing is the start's doing. */
  readonly settledAt: number;
  readonly #leaves: Leaves;
  readonly #suppression: Suppression;
  readonly #alarmChanged: (watch: Watch) => void;
  #now: number;
  #facts = new Map<string, string>();

  constructor({ config, facts, startedAt, alarmChanged }: Options) {
    this.#now = startedAt;
    this.#alarmChanged = alarmChanged;
    const graph = compileGraph(config);
    this.graph = graph;
    this.settledAt = startedAt + settleMs + longestDeadAfter(config.assets);
    this.chronicle = new Chronicle({ graph, facts, settledAt: this.settledAt, scene: () => this.scene });
    this.engine = new AlarmEngine(ruleBook(config.alarms, watchedBy(graph), graph.index), (id) => carriedAlarm(facts, id));
    const load = decodeLoad(facts.get("plant/alarm-load"));
    if (load !== undefined) this.engine.load.recall(load);
    this.#suppression = this.#suppressed();
    const isCritical = (asset: number): boolean => this.#leaves.isCritical(asset);
    this.presences = new Presences({ assets: config.assets, index: graph.index, startedAt, isCritical });
    this.upkeep = new Upkeep(config, graph.index);
    this.#leaves = new Leaves({ graph, engine: this.engine, presences: this.presences, upkeep: this.upkeep });
    this.rollUp = new RollUp(graph);
    this.scene = this.#present(config);
  }

  /** ms since epoch: the newest time that was handed in. */
  get now(): number {
    return this.#now;
  }

  /** Time never goes back. */
  passTo(now: number): void {
    this.#now = Math.max(this.#now, now);
  }

  /** A watch that there may be something to suppress. */
  watch(watch: Watch): void {
    this.#suppression.add(watch);
  }

  /** Takes the first look at everything, without telling anybody: a start is no news. */
  begin(): void {
    const everything = Array.from({ length: this.graph.index.size }, (_, asset) => asset);
    for (const watch of this.engine.standing()) this.#leaves.alarmChanged(watch.asset);
    this.upkeep.tick(this.#now);
    this.presences.tick(this.#now);
    this.settle(everything);
    for (const service of this.graph.services) this.chronicle.noteService(service, this.#now);
    this.chronicle.take();
  }

  /** Carries what changed from alarms and presences up to the services; `touched` are assets that changed otherwise. */
  settle(touched: readonly number[] = []): void {
    const leaves = new Set<number>();
    const assets = new Set(touched);
    this.#takeAlarms(assets, leaves);
    for (const asset of this.presences.takeChanged()) assets.add(asset);
    if (assets.size > 0 || leaves.size > 0) this.#rollUpFrom(assets, leaves);
    this.#announce(assets);
  }

  /** Puts levels right that differ from a full recompute; returns how many services there were. */
  repair(): number {
    this.settle();
    const services = this.rollUp.repair().flatMap((node) => serviceAt(this.graph, node) ?? []);
    for (const service of services) this.chronicle.noteService(service, this.#now);
    return services.length;
  }

  /** State that must survive a restart and has changed since the last call. */
  takeFacts(): Facts {
    this.#keepAlarms();
    for (const [id, habit] of this.engine.takeHabits()) this.#facts.set(habitKey(id), encodeHabit(habit));
    const load = this.engine.load.takeKept(this.#now);
    if (load !== undefined) this.#facts.set("plant/alarm-load", encodeLoad(load));
    const dirty = gatherFacts(this.#facts, this.chronicle.takeDirty());
    this.#facts = new Map();
    return dirty;
  }

  /** Adds the services that changed to `assets`: both are nodes. */
  #rollUpFrom(assets: Set<number>, leaves: Set<number>): void {
    for (const asset of assets) {
      for (const leaf of leavesOf(this.graph, asset)) leaves.add(leaf);
    }
    for (const leaf of leaves) this.rollUp.set(leaf, this.#leaves.levels(leaf));
    for (const asset of assets) this.chronicle.noteAsset(asset, this.#now);
    for (const node of this.rollUp.settle()) {
      const service = serviceAt(this.graph, node);
      if (service !== undefined) {
        this.chronicle.noteService(service, this.#now);
        assets.add(node);
      }
    }
    this.chronicle.noteCauses(leaves);
  }

  /** Alarms are announced once it is known what suppresses them; `nodes` are assets and services that changed. */
  #announce(nodes: Iterable<number>): void {
    this.#suppression.settle(nodes);
    this.engine.announce(this.#now);
    for (const watch of this.engine.takeChanged()) this.#alarmChanged(watch);
  }

  #keepAlarms(): void {
    for (const watch of this.engine.takeMoved()) {
      const { levels, tallies } = watch.state;
      this.#facts.set(alarmKey(watch.id), encodeAlarm({ levels, tallies, handling: watch.handling }));
    }
  }

  #takeAlarms(assets: Set<number>, leaves: Set<number>): void {
    for (const watch of this.engine.takeChanged()) {
      if (watch.rule.feeds === "suppression") {
        this.#suppression.touch(watch);
        continue;
      }
      this.#alarmChanged(watch);
      if (watch.rule.feeds !== "asset") leaves.add(watch.rule.feeds);
      else {
        assets.add(watch.asset);
        if (this.#leaves.alarmChanged(watch.asset)) this.presences.refresh(watch.asset, this.#now);
      }
    }
  }

  #present(config: Options["config"]): PresentScene {
    return new PresentScene({
      config,
      graph: this.graph,
      engine: this.engine,
      presences: this.presences,
      levels: () => this.rollUp.levels,
      now: () => this.#now,
      liveMembers: (sum) => this.#leaves.liveMembers(sum),
      since: (node) => this.chronicle.since(node),
      maintenance: (asset) => this.upkeep.why(asset),
    });
  }

  #suppressed(): Suppression {
    const presence = (asset: number): string => this.presences.of(asset).kind;
    return new Suppression({
      assetNode: (id) => this.graph.index.indexOf(id),
      serviceNode: (id) => this.graph.serviceOf.get(id)?.node,
      span: (node) => ({ low: this.rollUp.level(node, LOW), high: this.rollUp.level(node, HIGH) }),
      isDown: (asset) => (presence(asset) === "waiting" ? undefined : presence(asset) !== "delivering"),
      isCutOff: (asset) => (presence(asset) === "waiting" ? undefined : presence(asset) === "unreachable"),
      isInMaintenance: (asset) => this.upkeep.why(asset) !== undefined,
      suppress: (watch, why) => this.engine.handle(watch.id, { kind: "suppress", why }),
    });
  }
}

function carriedAlarm(facts: ReadonlyMap<string, string>, id: string): KeptAlarm | undefined {
  const alarm = decodeAlarm(facts.get(alarmKey(id)) ?? "null");
  const habit = decodeHabit(facts.get(habitKey(id)));
  return habit === undefined ? alarm : { levels: [], ...alarm, habit };
}
