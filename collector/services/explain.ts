import { type Level, levelOf } from "../../core/level.ts";
import { type Cause, causesOf } from "./causes.ts";
import type { GraphNeed, GraphService } from "./graph.ts";
import { HIGH, LOW, levelAt } from "./rollup.ts";
import { type Scene, shownLevel } from "./scene.ts";
import { amount, type Tally, tally } from "./tally.ts";
import type { WeightOf } from "./weight.ts";

/** Most causes that a sentence names. */
const mostNamed = 5;

/** Assets to blame for a service's level, most important first: the causes' own assets, or those in the way to them. */
export function blamedAssets(scene: Scene, node: number): readonly string[] {
  const assets = new Set<number>();
  for (const { leaf } of causesOf(scene.graph, scene.levels, node)) for (const asset of scene.blame(leaf)) assets.add(asset);
  return Array.from(assets, (asset) => scene.graph.index.idOf(asset));
}

/**
 * Why a service is as it is, in one sentence for the people who run the plant: `Bottling line 3 is critical since 14:02: it
 * needs 2 of 3 fillers and has 1; Filler 31: bearing at 92 °C (above 85 °C), Filler 32 does not answer (timed out)`.
 */
export function explain(scene: Scene, service: GraphService, weightOf: WeightOf): string {
  const name = scene.nameOf(service.id);
  const { level, low, high } = shownLevel(scene, service.node);
  if (level === "ok") return `${name} has all it needs`;
  const since = sinceText(scene, service);
  const head = level === "unknown" ? `${name} is unknown${since}, between ${low} and ${high}` : `${name} is ${level}${since}`;
  const needs = service.needs.flatMap((need) => needPhrase(scene, service, need, weightOf) ?? []);
  const causes = causeClauses(scene, causesOf(scene.graph, scene.levels, service.node));
  return `${head}: ${[...needs, causes].filter((part) => part !== "").join("; ")}`;
}

/** What is missing of a need that explains its service's level; undefined where the causes say it all. */
function needPhrase(scene: Scene, service: GraphService, line: GraphNeed, weightOf: WeightOf): string | undefined {
  const at = explains(scene, service.node, line);
  if (at === undefined) return undefined;
  if (line.need.kind === "service") {
    const { level } = shownLevel(scene, line.node);
    return `${scene.nameOf(line.need.service)} is ${level}`;
  }
  const counts = tally(scene, line, at, weightOf(line));
  return counts === undefined ? undefined : tallyPhrase(counts);
}

function tallyPhrase({ total, needed, degradedBelow, has, unknown, noun }: Tally): string {
  const short = has + unknown < needed || (unknown > 0 && has < needed);
  const doubt = unknown === 0 ? "" : `, ${amount(unknown)} unknown`;
  const all = `${amount(total)} ${noun}`;
  if (short || degradedBelow === undefined) return `it needs ${needed} of ${all} and has ${amount(has)}${doubt}`;
  return `it has ${amount(has)} of ${all}${doubt}, below ${degradedBelow} it is degraded`;
}

/** The level at which a need holds up its service's, or undefined where it does not. */
function explains({ graph, levels }: Scene, service: number, { need, node }: GraphNeed): Level | undefined {
  const cap = levelOf(need.worst);
  for (const valuation of [LOW, HIGH] as const) {
    const level = levelAt(graph, levels, service, valuation);
    const own = levelAt(graph, levels, node, valuation);
    if (level > 0 && Math.min(own, cap) >= level) return own;
  }
  return undefined;
}

function causeClauses(scene: Scene, causes: readonly Cause[]): string {
  const clauses = new Set<string>();
  const named = new Set<string>();
  const others = new Set<string>();
  for (const { leaf } of causes) {
    // What is not named is only counted: a hundred thousand sentences would be made for five.
    const blamed = scene.blame(leaf).join(" ");
    if (clauses.size >= mostNamed) others.add(blamed);
    else {
      clauses.add(scene.clause(leaf));
      named.add(blamed);
    }
  }
  for (const one of named) others.delete(one);
  return [...clauses].join(", ") + (others.size > 0 ? ` and ${others.size} more` : "");
}

function sinceText(scene: Scene, service: GraphService): string {
  const since = scene.since(service.node);
  return since === null || scene.now === null ? "" : ` since ${clockText(since, scene.now, scene.zoneOf(service.id))}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Minutes that were put into words, by zone and minute: in a flood a thousand sentences speak of the same two. */
const minutes = new Map<string, readonly [string, string]>();
const minuteMs = 60_000;
const mostMinutes = 1000;

/** `14:02` where it is of today, otherwise `2026-11-30 14:02`, in a zone of the IANA data base or the machine's. */
export function clockText(time: number, now: number, zone: string | undefined): string {
  const [date, clock] = dateAndClock(time, zone);
  return date === dateAndClock(now, zone)[0] ? clock : `${date} ${clock}`;
}

function dateAndClock(time: number, zone: string | undefined): readonly [string, string] {
  const key = `${Math.floor(time / minuteMs)} ${zone ?? ""}`;
  const known = minutes.get(key) ?? formatted(time, zone);
  if (minutes.size >= mostMinutes) minutes.clear();
  minutes.set(key, known);
  return known;
}

function formatted(time: number, zone: string | undefined): readonly [string, string] {
  let format = formats.get(zone ?? "");
  if (format === undefined) {
    // The Swedish locale writes a date as ISO 8601 does.
    format = new Intl.DateTimeFormat("sv-SE", {
      dateStyle: "short",
      timeStyle: "short",
      ...(zone === undefined ? {} : { timeZone: zone }),
    });
    formats.set(zone ?? "", format);
  }
  const [date = "", clock = ""] = format.format(time).split(" ");
  return [date, clock];
}
