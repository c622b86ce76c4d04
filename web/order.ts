import type { AssetView, ShownLevel } from "../core/asset-view.ts";
import type { ServiceView } from "../core/service-view.ts";

/** Worst first. What nobody knows stands above a warning: it may be anything. */
export const levelOrder: readonly ShownLevel[] = ["critical", "major", "unknown", "warning", "ok"];

export const levelText: Readonly<Record<ShownLevel, string>> = {
  critical: "Critical",
  major: "Major",
  unknown: "Unknown",
  warning: "Warning",
  ok: "OK",
};

interface Leveled {
  readonly level: ShownLevel;
  readonly since?: number | null;
  readonly name: string;
}

/** Worst first, then the newest change, then by name. */
export function worstFirst<T extends Leveled>(all: Iterable<T>): T[] {
  return [...all].sort((a, b) => {
    const level = levelOrder.indexOf(a.level) - levelOrder.indexOf(b.level);
    if (level !== 0) return level;
    const since = a.level === "ok" ? 0 : (b.since ?? 0) - (a.since ?? 0);
    return since === 0 ? a.name.localeCompare(b.name, undefined, { numeric: true }) : since;
  });
}

export function worstLevel(all: Iterable<{ readonly level: ShownLevel }>): ShownLevel {
  const found = new Set<ShownLevel>();
  for (const one of all) found.add(one.level);
  return levelOrder.find((level) => found.has(level)) ?? "ok";
}

/** `1 service critical, 1 unknown, 4 ok`; `All 6 services ok`. */
export function summary(services: readonly ServiceView[]): string {
  if (services.length === 0) return "No services are configured";
  const parts = levelOrder.flatMap((level) => {
    const count = services.filter((service) => service.level === level).length;
    return count === 0 ? [] : [{ level, count }];
  });
  const [first, ...rest] = parts;
  if (first === undefined) return "";
  if (first.level === "ok") return services.length === 1 ? "The service is ok" : `All ${services.length} services ok`;
  const head = `${first.count} ${first.count === 1 ? "service" : "services"} ${first.level}`;
  return [head, ...rest.map((part) => `${part.count} ${part.level}`)].join(", ");
}

/** `10 of 11 assets deliver`. */
export function assetSummary(assets: readonly AssetView[]): string {
  if (assets.length === 0) return "No assets";
  const up = assets.filter((asset) => asset.up).length;
  const noun = assets.length === 1 ? "asset delivers" : "assets deliver";
  return up === assets.length ? `All ${up} ${noun}` : `${up} of ${assets.length} ${noun}`;
}
