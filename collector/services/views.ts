import type { Config } from "../../config/schema.ts";
import type { AlarmView } from "../../core/alarm-view.ts";
import type { CollectorEvent } from "../../core/api.ts";
import type { AssetView } from "../../core/asset-view.ts";
import { levelName } from "../../core/level.ts";
import type { ServiceDetail, ServiceView } from "../../core/service-view.ts";
import type { AlarmEngine, Watch } from "../alarms/engine.ts";
import { isaState } from "../alarms/isa.ts";
import { alarmView, handlingView } from "../alarms/view.ts";
import { isLatched } from "../alarms/watch.ts";
import type { Part } from "../plant.ts";
import { impactOf } from "./causes.ts";
import { blamedAssets, explain } from "./explain.ts";
import type { GraphService } from "./graph.ts";
import type { Presences } from "./presence.ts";
import type { PresentScene } from "./present.ts";
import { recoveryView } from "./recovery.ts";
import { type RollUp, UNPLANNED } from "./rollup.ts";
import { shownLevel } from "./scene.ts";
import { needTree } from "./tree.ts";
import { type WeightOf, weightsOf } from "./weight.ts";

interface Shown {
  readonly config: Pick<Config, "assets" | "services">;
  readonly scene: PresentScene;
  readonly engine: AlarmEngine;
  readonly presences: Presences;
  readonly rollUp: RollUp;
  agentOf(asset: number): string;
}

/** How an alarm stood when it was told: none of it changes, so the words can be found later. */
type ToldAlarm = Pick<Watch, "standing" | "state" | "handling">;

/** An alarm that there is something to tell of. */
interface ChangedAlarm {
  readonly watch: Watch;
  /** What was told before, where its process has ended meanwhile. */
  readonly ended: ToldAlarm | undefined;
}

/** The plant as the API shows it. */
export class PlantViews {
  readonly #shown: Shown;
  readonly #weightOf: WeightOf;
  /** Services above a node, looked up once. */
  readonly #impact = new Map<number, readonly string[]>();
  readonly #changed = new Set<Watch>();
  /** Alarms as they were last told. */
  readonly #told = new Map<Watch, ToldAlarm>();
  /** Told as not normal by ISA-18.2, though their process is. */
  readonly #quiet = new Set<Watch>();

  constructor(shown: Shown) {
    this.#shown = shown;
    this.#weightOf = weightsOf(shown.config);
  }

  asset(asset: number, since: number): AssetView {
    const { scene, presences, config } = this.#shown;
    const id = scene.graph.index.idOf(asset);
    const settings = config.assets[id];
    return {
      id,
      name: scene.assetName(asset),
      at: settings?.at ?? "",
      labels: settings?.labels ?? {},
      up: presences.of(asset).kind === "delivering",
      level: shownLevel(scene, asset).level,
      since,
      why: scene.assetClause(asset),
      agent: this.#shown.agentOf(asset),
      sources: presences
        .statuses(asset)
        .map(({ protocol, target, state, reason, lastOk }) => ({ protocol, target, state, reason, last_ok: lastOk })),
      services: this.#servicesAbove(asset),
      inventory: {},
    };
  }

  assetLevel(asset: number): Pick<AssetView, "id" | "level"> {
    const { scene } = this.#shown;
    return { id: scene.graph.index.idOf(asset), level: shownLevel(scene, asset).level };
  }

  services(services: Iterable<GraphService>): readonly ServiceView[] {
    return this.#shown.scene.look(() => Array.from(services, (service) => this.service(service)));
  }

  service(service: GraphService): ServiceView {
    const { scene, config, rollUp } = this.#shown;
    const { id, node } = service;
    return {
      id,
      name: scene.nameOf(id),
      owner: config.services[id]?.owner ?? "",
      ...shownLevel(scene, node),
      unplanned: levelName(rollUp.level(node, UNPLANNED)),
      since: scene.since(node) ?? scene.now,
      why: explain(scene, service, this.#weightOf),
      causes: blamedAssets(scene, node),
      impact: this.#servicesAbove(node),
    };
  }

  detail(service: GraphService): ServiceDetail {
    const { engine } = this.#shown;
    const alarms = this.#sorted([...engine.standing()].filter((watch) => this.#servicesAbove(nodeOf(watch)).includes(service.id)));
    const { scene } = this.#shown;
    return { ...this.service(service), recovery: recoveryView(scene, service), needs: needTree(scene, service, this.#weightOf), alarms };
  }

  /** Alarms that are not normal, the worst first, then the oldest, then by id; with `all` also those that only people have to do with. */
  alarms(all = false, part?: Part): readonly AlarmView[] {
    const { engine } = this.#shown;
    return this.#sorted(all ? new Set([...engine.standing(), ...engine.attended()]) : engine.standing(), part);
  }

  #sorted(watches: Iterable<Watch>, { offset, limit }: Part = { offset: 0, limit: Number.POSITIVE_INFINITY }): readonly AlarmView[] {
    const sorted = [...watches].sort((a, b) => weightOf(b) - weightOf(a) || sinceOf(a) - sinceOf(b) || (a.id < b.id ? -1 : 1));
    return sorted.slice(offset, offset + limit).map((watch) => this.#view(watch));
  }

  alarmChanged(watch: Watch): void {
    this.#changed.add(watch);
  }

  /** What there is to tell of alarms since the last call, and counts as told. One that came and went in between is not told at all. */
  takeAlarms(): readonly ChangedAlarm[] {
    const changed: ChangedAlarm[] = [];
    for (const watch of this.#changed) {
      const { standing, state, handling } = watch;
      if (standing !== undefined) {
        this.#told.set(watch, { standing, state, handling });
        changed.push({ watch, ended: undefined });
        continue;
      }
      const ended = this.#told.get(watch);
      this.#told.delete(watch);
      const waits = this.#noteQuiet(watch);
      if (waits || ended !== undefined) changed.push({ watch, ended });
    }
    this.#changed.clear();
    return changed;
  }

  /** What was just taken, in words. The end of an alarm is told with what was told of it before. */
  alarmEvent({ watch, ended }: ChangedAlarm): CollectorEvent {
    const view = this.#view(watch);
    if (ended === undefined) return { type: "alarm", alarm: { ...view, cleared: watch.standing === undefined } };
    const told = this.#view({ ...watch, standing: ended.standing, state: ended.state });
    const handling = { ...handlingView(watch, this.#shown.scene.now), announced: ended.handling.announced };
    return { type: "alarm", alarm: { ...told, ...handling, value: view.value, cleared: true } };
  }

  /** True where an alarm whose process is normal is handled otherwise than was told: it waits for somebody, or does so no more. */
  #noteQuiet(watch: Watch): boolean {
    if (isaState(watch.handling, isLatched(watch)) === "normal") return this.#quiet.delete(watch);
    this.#quiet.add(watch);
    return true;
  }

  #view(watch: Watch): AlarmView {
    const { scene } = this.#shown;
    return alarmView(watch, { text: scene.alarmText(watch), services: this.#servicesAbove(nodeOf(watch)) }, scene.now);
  }

  #servicesAbove(node: number): readonly string[] {
    const known = this.#impact.get(node);
    if (known !== undefined) return known;
    const ids = impactOf(this.#shown.scene.graph, [node]).map((service) => service.id);
    this.#impact.set(node, ids);
    return ids;
  }
}

/** The node that an alarm counts for. */
function nodeOf({ rule, asset }: Watch): number {
  return typeof rule.feeds === "number" ? rule.feeds : asset;
}

/** The worst first; what is only pending after all that is in alarm. */
function weightOf({ standing }: Watch): number {
  return (standing?.level ?? 0) + (standing?.phase === "pending" ? 0 : 10);
}

function sinceOf({ standing, state }: Watch): number {
  return standing === undefined ? state.time : standing.since;
}
