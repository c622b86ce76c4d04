import type { Protocol } from "../core/source.ts";
import { type Finding, unknownName } from "./check.ts";
import { cycleFindings } from "./cycles.ts";
import type { Path } from "./fault.ts";
import { labelFindings } from "./label-names.ts";
import { needFindings } from "./needs.ts";
import { notifyFindings } from "./notify-references.ts";
import { isWithin } from "./place.ts";
import type { Config } from "./schema.ts";
import { type Selector, selectorText, selects } from "./selector.ts";
import { nearest } from "./suggest.ts";

/** What may be named. */
export interface Known {
  /** Ids of a section such as `assets`, also of entries that have faults of their own. */
  readonly ids: (section: readonly string[]) => ReadonlySet<string>;
  readonly profiles: (protocol: Protocol) => readonly string[];
  /** No entry was left out for its faults: members can be counted. */
  readonly complete: boolean;
}

export type Content = Omit<Config, "directory">;

/** Who names whom: everything that names a thing that is not there, or a group that is empty. */
export function referenceFindings(content: Content, known: Known): { faults: readonly Finding[]; warnings: readonly Finding[] } {
  const named = namesOf(content, known);
  const faults = [
    ...assetFindings(content, named),
    ...alarmFindings(content, named),
    ...serviceFindings(content, named),
    ...maintenanceFindings(content, named),
    ...notifyFindings(content, named, known.complete),
    ...labelFindings(content),
    ...cycleFindings(content),
  ];
  return { faults, warnings: known.complete ? oddities(content) : [] };
}

/** Finders of names and members, bound to one config. */
export interface Names {
  /** The finding of a name that nothing has, or none. */
  one(kind: "asset" | "service" | "broker" | "calendar" | "channel", name: string, path: Path): Finding[];
  profile(protocol: Protocol, name: string, path: Path): Finding[];
  /** The finding of a selector without members, or none. */
  some(selector: Selector, path: Path): Finding[];
  /** Ids of the members; undefined where not all assets are known. */
  members(selector: Selector): readonly string[] | undefined;
}

const sections = {
  asset: ["assets"],
  service: ["services"],
  broker: ["brokers"],
  calendar: ["calendars"],
  channel: ["notify", "channels"],
} as const;

/** Ids of the assets that a selector finds. */
export function membersOf(assets: Content["assets"], selector: Selector): readonly string[] {
  return Object.entries(assets)
    .filter(([id, asset]) => selects(selector, { id, labels: asset.labels }))
    .map(([id]) => id);
}

/** `{type=filer} finds no asset (did you mean type=filler?)`: the first label that no asset has, or has with no such value. */
function findsNone(assets: Content["assets"], selector: Selector): string {
  const all = Object.entries(assets).map(([id, { labels }]) => ({ ...labels, id }) as Readonly<Record<string, string>>);
  const hints = Object.entries(selector.labels).map(([name, value]) => {
    const near = nearest(name, new Set(all.flatMap((labels) => Object.keys(labels))));
    if (near !== name) return near;
    const meant = nearest(value, new Set(all.flatMap((labels) => labels[name] ?? [])));
    return meant === undefined || meant === value ? undefined : `${name}=${meant}`;
  });
  const [hint] = hints.filter((one) => one !== undefined);
  return `${selectorText(selector)} finds no asset${hint === undefined ? "" : ` (did you mean ${hint}?)`}`;
}

function namesOf({ assets }: Content, known: Known): Names {
  const found = (path: Path, message: string | undefined): Finding[] => (message === undefined ? [] : [{ path, spot: "value", message }]);
  const members = (selector: Selector) => (known.complete ? membersOf(assets, selector) : undefined);
  return {
    members,
    one: (kind, name, path) => found(path, unknownName(kind, name, known.ids(sections[kind]))),
    profile: (protocol, name, path) => found(path, unknownName(`${protocol} profile`, name, new Set(known.profiles(protocol)))),
    some: (selector, path) => found(path, members(selector)?.length === 0 ? findsNone(assets, selector) : undefined),
  };
}

function assetFindings({ assets }: Content, names: Names): Finding[] {
  return Object.entries(assets).flatMap(([id, asset]) => {
    const path = ["assets", id];
    const via = asset.via.flatMap((group, i) =>
      group.flatMap((name, j) => names.one("asset", name, [...path, "via", i, ...(group.length > 1 ? [j] : [])])),
    );
    const broker = asset.mqtt === undefined ? [] : names.one("broker", asset.mqtt.broker, [...path, "mqtt", "broker"]);
    return [...via, ...broker, ...profileFindings(asset, path, names)];
  });
}

function profileFindings({ snmp, modbus }: Content["assets"][string], path: Path, names: Names): Finding[] {
  const found: Finding[] = [];
  if (modbus?.profile !== undefined) found.push(...names.profile("modbus", modbus.profile, [...path, "modbus", "profile"]));
  const at = [...path, "snmp", "profile"];
  if (typeof snmp?.profile === "string") found.push(...(snmp.profile === "auto" ? [] : names.profile("snmp", snmp.profile, at)));
  else for (const [i, name] of (snmp?.profile ?? []).entries()) found.push(...names.profile("snmp", name, [...at, i]));
  return found;
}

function alarmFindings({ alarms }: Content, names: Names): Finding[] {
  return Object.entries(alarms).flatMap(([id, alarm]) => [
    ...(alarm.asset === undefined ? [] : names.one("asset", alarm.asset, ["alarms", id, "asset"])),
    ...(alarm.on === undefined ? [] : names.some(alarm.on, ["alarms", id, "on"])),
    ...overrideFindings(alarm, ["alarms", id, "override"], names),
    ...suppressFindings(alarm, ["alarms", id, "suppress_when"], names),
  ]);
}

type Alarm = Content["alarms"][string];

/** Assets that a rule watches; undefined where not all are known. */
function watched({ on, asset = "" }: Alarm, names: Names): readonly string[] | undefined {
  return on === undefined ? [asset] : names.members(on);
}

function overrideFindings(alarm: Alarm, path: Path, names: Names): Finding[] {
  const members = watched(alarm, names);
  return Object.keys(alarm.override).flatMap((asset): Finding[] => {
    const unknown = names.one("asset", asset, [...path, asset]);
    if (unknown.length > 0 || members === undefined || members.includes(asset)) return unknown;
    return [{ path: [...path, asset], spot: "value", message: `${JSON.stringify(asset)} is none of the assets that this alarm watches` }];
  });
}

function suppressFindings(alarm: Alarm, path: Path, names: Names): Finding[] {
  const members = watched(alarm, names);
  return alarm.suppress_when.flatMap((when, i): Finding[] => {
    if ("service" in when) return names.one("service", when.service, [...path, i, "service"]);
    if ("metric" in when) return when.asset === undefined ? [] : names.one("asset", when.asset, [...path, i, "asset"]);
    if (!("is" in when)) return [];
    const unknown = when.asset === undefined ? [] : names.one("asset", when.asset, [...path, i, "asset"]);
    const own = when.asset === undefined || members?.includes(when.asset) === true;
    if (unknown.length > 0 || !own || when.is === "down" || when.is === "maintenance") return unknown;
    const message = `the alarm makes its own asset ${when.is}, and would suppress itself: expected down, maintenance, or another asset`;
    return [{ path: [...path, i, "is"], spot: "value", message }];
  });
}

function serviceFindings({ services, assets }: Content, names: Names): Finding[] {
  return Object.entries(services).flatMap(([id, service]) => {
    const calendar = service.calendar === undefined ? [] : names.one("calendar", service.calendar, ["services", id, "calendar"]);
    const needs = service.needs.flatMap((need, i) => needFindings({ need, path: ["services", id, "needs", i], names, assets }));
    return [...calendar, ...needs];
  });
}

function maintenanceFindings({ maintenance }: Content, names: Names): Finding[] {
  return maintenance.flatMap(({ asset }, i) => (asset === undefined ? [] : names.one("asset", asset, ["maintenance", i, "asset"])));
}

/** What may be meant so, and does nothing. */
function oddities({ assets, maintenance, notify }: Content): Finding[] {
  const windows = maintenance.flatMap(({ assets: selector }, i): Finding[] => {
    if (selector === undefined || membersOf(assets, selector).length > 0) return [];
    return [{ path: ["maintenance", i, "assets"], spot: "value", message: findsNone(assets, selector) }];
  });
  const places = Object.values(assets).map((asset) => asset.at ?? "");
  const routes = notify.routes.flatMap(({ at }, i): Finding[] => {
    if (at === undefined || places.some((place) => isWithin(place, at))) return [];
    return [{ path: ["notify", "routes", i, "at"], spot: "value", message: `no asset is at ${at} or below it` }];
  });
  return [...windows, ...routes];
}
