import type { LevelName } from "../../core/level.ts";
import type { ServiceView } from "../../core/service-view.ts";

/** A service that is not as it should be, and what is to blame for it. */
export interface Hurt {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly level: LevelName;
  /** The level is there without the assets in maintenance, too. */
  readonly unplanned: boolean;
  /** Known to be ok, but what is unknown could make it critical. */
  readonly blind: boolean;
  readonly why: string;
  /** At least one: asset ids, or the service itself where no asset is to blame. */
  readonly causes: readonly string[];
  /** What people call the causes, in the same order; their ids without it. */
  readonly names?: readonly string[];
  /** It is ok at the moment, but burns its error budget. */
  readonly burning?: true;
}

/** What is unknown for this long, ms, and could be critical, is told: nobody watches the service any more. */
const blindAfterMs = 300_000;

/**
 * How a service is hurt, by its low valuation; undefined where there is nothing to tell. Of a service that is known to be hurt
 * only causes that are known are told: that something else is unknown, too, makes nothing worse yet.
 */
export function hurtOf(service: ServiceView, now: number, isUnknown: (asset: string) => boolean): Hurt | undefined {
  const { id, name, owner, why, low, high, since } = service;
  const blind = low === "ok" && high === "critical" && now >= since + blindAfterMs;
  if (low === "ok" && !blind) return undefined;
  // A slash is in no asset's id.
  const known = service.causes.filter((asset) => !isUnknown(asset));
  const causes = known.length > 0 ? known : service.causes.length > 0 ? service.causes : [`service/${id}`];
  // Who cannot see is warned: nothing is known to be broken.
  const level = blind ? "warning" : low;
  return { id, name, owner, level, unplanned: blind || (service.unplanned ?? low) !== "ok", blind, why, causes };
}

/** When a service that is only unknown will be told, ms since epoch; undefined where time alone changes nothing. */
export function blindAt(service: ServiceView): number | undefined {
  return service.low === "ok" && service.high === "critical" ? service.since + blindAfterMs : undefined;
}
