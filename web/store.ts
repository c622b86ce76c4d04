import { useEffect, useState } from "preact/hooks";
import type { AlarmView } from "../core/alarm-view.ts";
import type { CollectorEvent } from "../core/api.ts";
import type { AssetView } from "../core/asset-view.ts";
import type { IncidentView } from "../core/incident-view.ts";
import type { ServiceView } from "../core/service-view.ts";
import { fetchJson } from "./api.ts";
import { askSession } from "./session.ts";
import { openStream } from "./stream.ts";

/** What every page may show; kept live. */
export interface Plant {
  /** False until the first snapshot is there. */
  readonly loaded: boolean;
  /** False while the event stream is down: what is shown may be stale. */
  readonly live: boolean;
  /** The collector's clock when we heard it last, ms. */
  readonly heard: number;
  readonly problem: string;
  readonly services: ReadonlyMap<string, ServiceView>;
  readonly assets: ReadonlyMap<string, AssetView>;
  readonly alarms: ReadonlyMap<string, AlarmView>;
  /** Those that are open. */
  readonly incidents: ReadonlyMap<string, IncidentView>;
  /** Grows with each change of a service, an asset, an alarm or the config, and with what assets tell: what depends on them is fetched anew. */
  readonly version: number;
}

let plant: Plant = {
  loaded: false,
  live: false,
  heard: 0,
  problem: "",
  services: new Map(),
  assets: new Map(),
  alarms: new Map(),
  incidents: new Map(),
  version: 0,
};
/** Collector's clock minus ours, ms. */
let clockOffset = 0;
const listeners = new Set<() => void>();

function set(change: Partial<Plant>): void {
  plant = { ...plant, ...change };
  for (const listener of listeners) listener();
}

/** The collector's time, ms: ages do not depend on this machine's clock. */
export function collectorNow(): number {
  return Date.now() + clockOffset;
}

/** The plant as it stands; the component is drawn again when it changes. */
export function usePlant(): Plant {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = (): void => redraw((n) => n + 1);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return plant;
}

/** Starts to follow the collector. A page that nobody sees lets go of its connection: a browser has only six of them. */
export function followPlant(): void {
  const start = (): (() => void) =>
    openStream("types=service,asset,alarm,incident,event,config", { onOpen, onEvent, onBeat: hear, onLost });
  let stop: (() => void) | undefined = start();
  let idle: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(idle);
    if (document.hidden) {
      idle = setTimeout(() => {
        stop?.();
        stop = undefined;
        set({ live: false });
      }, 30_000);
    } else stop ??= start();
  });
}

/** The session may have ended with it. */
function onLost(): void {
  set({ live: false });
  void askSession();
}

function hear(time: number): void {
  clockOffset = time - Date.now();
  set({ live: true, heard: time, problem: "" });
}

function onOpen(time: number): void {
  hear(time);
  void fetchSnapshot();
}

/** Events that came while a snapshot was under way: they are applied after it, since it may be older. */
let held: CollectorEvent[] | undefined;

async function fetchSnapshot(): Promise<void> {
  if (held !== undefined) return;
  held = [];
  try {
    const [{ services }, { assets }, { alarms }, { incidents }] = await Promise.all([
      fetchJson<{ services: ServiceView[] }>("/api/v1/services"),
      fetchJson<{ assets: AssetView[] }>("/api/v1/assets"),
      fetchJson<{ alarms: AlarmView[] }>("/api/v1/alarms"),
      fetchJson<{ incidents: IncidentView[] }>("/api/v1/incidents?state=open"),
    ]);
    const shown = { services: byId(services), assets: byId(assets), alarms: byId(alarms), incidents: byId(incidents) };
    set({ loaded: true, problem: "", ...shown, version: plant.version + 1 });
  } catch (error) {
    set({ problem: messageOf(error) });
    setTimeout(() => void fetchSnapshot(), 3000);
  }
  const late = held;
  held = undefined;
  for (const event of late) onEvent(event);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function byId<T extends { readonly id: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map((one) => [one.id, one]));
}

function onEvent(event: CollectorEvent): void {
  if (held !== undefined) {
    held.push(event);
    return;
  }
  if (event.type === "readings") return;
  if (event.type === "config" || event.type === "reset") void fetchSnapshot();
  set({ live: true, heard: collectorNow(), version: plant.version + 1, ...changeOf(event) });
}

function changeOf(event: CollectorEvent): Partial<Plant> {
  if (event.type === "service") return { services: new Map(plant.services).set(event.service.id, event.service) };
  if (event.type === "asset") return { assets: new Map(plant.assets).set(event.asset.id, event.asset) };
  if (event.type === "alarm") return { alarms: changed(plant.alarms, event.alarm, !event.alarm.cleared) };
  if (event.type === "incident") return { incidents: changed(plant.incidents, event.incident, event.incident.state === "open") };
  return {};
}

function changed<T extends { readonly id: string }>(all: ReadonlyMap<string, T>, one: T, stays: boolean): ReadonlyMap<string, T> {
  const after = new Map(all);
  if (stays) after.set(one.id, one);
  else after.delete(one.id);
  return after;
}
