import type { IndexedSeries } from "../../core/store.ts";
import { bind } from "./bound.ts";
import type { KeptAlarm } from "./fact.ts";
import { untouched } from "./isa.ts";
import type { Rule } from "./rule.ts";
import { initialState, normal } from "./state.ts";
import type { LiveWatch } from "./watch.ts";

interface Beginning {
  readonly id: string;
  readonly rule: Rule;
  readonly series: IndexedSeries;
  /** Position of its asset in config. */
  readonly asset: number;
  /** What was kept of it over a restart or a reload. */
  readonly kept: KeptAlarm | undefined;
  readonly now: number;
}

/** A rule on a series that it was not on before, as it was kept where it was. Levels of a rule that had another number of them are not. */
export function newWatch({ id, rule, series, asset, kept, now }: Beginning): LiveWatch {
  const bound = bind(rule, series);
  const fresh = initialState(bound, now);
  const fits = kept !== undefined && kept.levels.length === bound.thresholds.length;
  const state = fits ? { ...fresh, levels: kept.levels, tallies: kept.tallies } : fresh;
  const handling = kept?.handling ?? untouched;
  const raisedAs = kept?.habit?.threshold ?? 0;
  const timer = Number.POSITIVE_INFINITY;
  return { id, rule, series, asset, bound, state, standing: undefined, timer, handling, habit: undefined, raisedAs, listed: 0 };
}

/** Its series is described anew. Where the levels are the device's there may be others now: those that there were before stay as they are. */
export function describeAnew(watch: LiveWatch, series: IndexedSeries): void {
  const before = watch.bound.thresholds;
  watch.series = series;
  watch.bound = bind(watch.rule, series);
  if (watch.rule.device === undefined) return;
  const { levels } = watch.state;
  const after = watch.bound.thresholds.map(({ level }) => levels[before.findIndex((one) => one.level === level)] ?? normal);
  watch.state = { ...watch.state, levels: after };
}
