/** What the collector's HTTP interface says of service levels over time. Times are ms since epoch; ratios are 0..1. */
import type { LevelName } from "./level.ts";

/** What is not known for sure lies between these. */
export interface BoundsView {
  readonly low: number;
  readonly high: number;
}

/** Where the time of a period went. scheduled = good + down + planned + unknown. */
export interface AvailabilityView {
  readonly from: number;
  /** Until then is counted: the end of the period, or now. */
  readonly to: number;
  readonly scheduled_seconds: number;
  /** Outside the calendar. */
  readonly outside_seconds: number;
  readonly good_seconds: number;
  /** Unplanned, within the calendar. */
  readonly down_seconds: number;
  /** Down, and would not be without maintenance. */
  readonly planned_seconds: number;
  readonly unknown_seconds: number;
  /** good / (good + down + unknown), with unknown as bad and as good. Null where nothing was scheduled. */
  readonly sli: BoundsView | null;
  /** Share of scheduled time of which it is known how it was. */
  readonly coverage: number;
  /** Of unplanned downtime within the calendar. Null where config gives no cost. */
  readonly cost: (BoundsView & { readonly currency: string }) | null;
}

export interface BudgetView {
  /** Downtime that the target allows. */
  readonly seconds: number;
  readonly spent_seconds: BoundsView;
  /** 1 untouched, 0 spent, negative overdrawn. */
  readonly remaining_ratio: BoundsView | null;
}

/** A burn-rate alarm: it fires while both rates are above the factor. Unknown time counts as good. */
export interface BurnView {
  /** `14.4x over 1h and 5m`. */
  readonly name: string;
  readonly level: LevelName;
  readonly factor: number;
  readonly long_seconds: number;
  readonly short_seconds: number;
  readonly long_rate: number | null;
  readonly short_rate: number | null;
  readonly firing: boolean;
  readonly since: number | null;
}

/** A service against its SLO, over the SLO's window until now. */
export interface SloView extends AvailabilityView {
  readonly target: number;
  readonly level: LevelName;
  readonly window_seconds: number;
  readonly budget: BudgetView;
  readonly burn: readonly BurnView[];
}

/** A stretch of scheduled time that was not good. */
export interface OutageView {
  readonly kind: "down" | "planned" | "unknown";
  readonly from: number;
  readonly to: number;
  /** What people were told of it, the oldest first; none where nothing is known, or the collector has forgotten it. */
  readonly incidents: readonly OutageIncident[];
}

/** An incident that hurt the service during an outage. */
export interface OutageIncident {
  readonly id: string;
  /** Asset ids to blame, the most important first. */
  readonly causes: readonly string[];
  /** Why the service was hurt, without name and level: `It needs 2 of 3 fillers and has 1; Filler 31: bearing at 92 °C`. */
  readonly reason: string;
}

/** One shift of one day. */
export interface ShiftView extends AvailabilityView {
  /** Local day on which it began. */
  readonly day: string;
  readonly shift: string;
  /** Outages within it that nobody had planned. */
  readonly down_count: number;
  /** Those of its outages. */
  readonly incidents: readonly OutageIncident[];
}

/** One service over a period. */
export interface PeriodView extends AvailabilityView {
  readonly service: string;
  readonly name: string;
  readonly owner: string;
  /** Time zone in which the period's days and months are meant. */
  readonly zone: string;
  /** At this level or above it counts as down. */
  readonly level: LevelName;
  readonly target: number | null;
  /** Whether the target was met; `unknown` where missing data could turn it. Null without a target. */
  readonly met: "yes" | "no" | "unknown" | null;
  readonly budget: BudgetView | null;
  /** Outages that nobody had planned. */
  readonly down_count: number;
  /** In order of time; the longest where there are many. */
  readonly outages: readonly OutageView[];
  readonly outages_left_off: number;
  /** When late readings last changed what was known of the period. */
  readonly revised: number | null;
  readonly shifts?: readonly ShiftView[];
}

export interface AvailabilityReport {
  /** `2026-11`, `2026-11-02` or `2026-11-02..2026-11-08`. */
  readonly period: string;
  readonly generated: number;
  /** False where the period is not over yet. */
  readonly complete: boolean;
  readonly services: readonly PeriodView[];
}
