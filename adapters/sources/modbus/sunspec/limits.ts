import type { LimitKind } from "../../../../config/sunspec.ts";
import type { DeviceLimits } from "../../../../core/reading.ts";
import type { LaidPoint } from "./layout.ts";

/** A point of a device that limits others of it. */
interface Limiting {
  readonly limit: LaidPoint;
  readonly as: LimitKind;
  readonly targets: readonly LaidPoint[];
  /**
   * Where only points near the first of these that has a value are meant: whether its voltages are between lines or to neutral,
   * a device does not say.
   */
  readonly references: readonly LaidPoint[] | undefined;
  /** It is a share of that first one. */
  readonly isShare: boolean;
}

/** A point's value in its base unit; undefined where it has none now. */
export type NumberOf = (point: LaidPoint) => number | undefined;

/** How near a value must once have been to the reference of a limit, to be what the limit is for. */
const nearShare = 0.2;

type Found = { readonly as: LimitKind; readonly value: number };

/** What the points of one device say of the limits of others. */
export class LimitBook {
  readonly #limitings: readonly Limiting[];
  /** Once it was found to be what a limit is for, a point remains it: a limit must not go when the value runs away. */
  readonly #meant = new Map<Limiting, Set<LaidPoint>>();

  constructor(points: readonly LaidPoint[]) {
    this.#limitings = points.flatMap((limit) => limitingOf(limit, points));
  }

  /** The limits of every point that has some now. */
  read(numberOf: NumberOf): ReadonlyMap<LaidPoint, DeviceLimits> {
    const found = new Map<LaidPoint, Found[]>();
    for (const limiting of this.#limitings) {
      const value = valueOfLimit(limiting, numberOf);
      // A limit of 0 is one that nobody set, but for a lower one, which bounds as well as any.
      if (value === undefined || (value === 0 && !limiting.as.startsWith("low"))) continue;
      for (const target of this.#targets(limiting, numberOf)) found.set(target, [...(found.get(target) ?? []), { as: limiting.as, value }]);
    }
    const limits = new Map<LaidPoint, DeviceLimits>();
    for (const [target, all] of found) {
      const one = together(all);
      if (one !== undefined) limits.set(target, one);
    }
    return limits;
  }

  #targets(limiting: Limiting, numberOf: NumberOf): Iterable<LaidPoint> {
    const { references, targets } = limiting;
    if (references === undefined) return targets;
    const meant = this.#meant.get(limiting) ?? new Set();
    this.#meant.set(limiting, meant);
    const reference = referenceOf(limiting, numberOf);
    if (reference === undefined || reference === 0) return meant;
    for (const target of targets) {
      const value = numberOf(target);
      if (value !== undefined && Math.abs(value / reference - 1) <= nearShare) meant.add(target);
    }
    return meant;
  }
}

function limitingOf(limit: LaidPoint, points: readonly LaidPoint[]): Limiting[] {
  const { limits } = limit.point;
  if (limits === undefined) return [];
  const targets = points.filter(
    ({ kind, point, model, block }) =>
      kind === limits.of && block === limit.block && model.device === limit.model.device && limits.points.includes(point.point),
  );
  // Two batteries behind one unit have the same points: each has its own limits.
  const own = targets.filter(({ model }) => model === limit.model);
  const named = limits.share_of ?? (limits.near === undefined ? undefined : [limits.near]);
  const isReference = ({ model }: LaidPoint): boolean =>
    limits.share_of === undefined ? model === limit.model : model.device === limit.model.device;
  const references = named?.flatMap((name) => points.filter((one) => one.point.point === name && isReference(one)));
  return [{ limit, as: limits.as, targets: own.length > 0 ? own : targets, references, isShare: limits.share_of !== undefined }];
}

function referenceOf({ references = [] }: Limiting, numberOf: NumberOf): number | undefined {
  return references.map(numberOf).find((value) => value !== undefined);
}

function valueOfLimit(limiting: Limiting, numberOf: NumberOf): number | undefined {
  const value = numberOf(limiting.limit);
  if (value === undefined || !limiting.isShare) return value;
  const reference = referenceOf(limiting, numberOf);
  return reference === undefined ? undefined : value * reference;
}

type Sides = { -readonly [limit in keyof DeviceLimits]: number };

/** Of two limits of one kind the nearer counts, of magnitudes the larger: which is for which direction, devices do not agree on. */
function together(all: readonly Found[]): DeviceLimits | undefined {
  const limits: Sides = {};
  for (const { as, value } of all) note(limits, as, value);
  for (const [as, low, high] of [
    ["magnitude_warning", "low_warning", "high_warning"],
    ["magnitude_critical", "low_critical", "high_critical"],
  ] as const) {
    const magnitude = Math.max(0, ...all.filter((one) => one.as === as).map(({ value }) => Math.abs(value)));
    if (magnitude === 0) continue;
    note(limits, low, -magnitude);
    note(limits, high, magnitude);
  }
  noteTrips(limits, all);
  const low = Math.max(limits.lowCritical ?? Number.NEGATIVE_INFINITY, limits.lowWarning ?? Number.NEGATIVE_INFINITY);
  const high = Math.min(limits.highCritical ?? Number.POSITIVE_INFINITY, limits.highWarning ?? Number.POSITIVE_INFINITY);
  return low < high && Object.keys(limits).length > 0 ? limits : undefined;
}

/** Past the nearest point of its curve a device disconnects itself after a while, past the furthest at once. */
function noteTrips(limits: Sides, all: readonly Found[]): void {
  for (const [as, warning, critical] of [
    ["trip_low", "low_warning", "low_critical"],
    ["trip_high", "high_warning", "high_critical"],
  ] as const) {
    const values = all.filter((one) => one.as === as && one.value > 0).map(({ value }) => value);
    if (values.length === 0) continue;
    const [lowest, highest] = [Math.min(...values), Math.max(...values)];
    note(limits, warning, as === "trip_low" ? highest : lowest);
    if (lowest < highest) note(limits, critical, as === "trip_low" ? lowest : highest);
  }
}

function note(limits: Sides, as: LimitKind, value: number): void {
  if (as === "low_critical") limits.lowCritical = Math.max(limits.lowCritical ?? value, value);
  if (as === "low_warning") limits.lowWarning = Math.max(limits.lowWarning ?? value, value);
  if (as === "high_warning") limits.highWarning = Math.min(limits.highWarning ?? value, value);
  if (as === "high_critical") limits.highCritical = Math.min(limits.highCritical ?? value, value);
}
