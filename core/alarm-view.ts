/** Alarms and what people do to them, as the HTTP interface shows them (DESIGN §9). */
import type { LevelName } from "./level.ts";
import type { Labels } from "./reading.ts";

/** `normal` only where alarms are asked for that wait for an operator while their process is normal (`?all=true`). */
export type AlarmState = "pending" | "active" | "clearing" | "normal";

/** State of an alarm by ISA-18.2 / IEC 62682. */
export const isaStates = [
  "normal",
  "unacknowledged",
  "acknowledged",
  "returned-unacknowledged",
  "latched",
  "shelved",
  "suppressed-by-design",
  "out-of-service",
] as const;
export type IsaState = (typeof isaStates)[number];

/** What people may do to an alarm. */
export const alarmActs = ["ack", "unack", "shelve", "unshelve", "out-of-service", "return-to-service", "reset"] as const;
export type AlarmAct = (typeof alarmActs)[number];

/** Who did something to an alarm, when, and why. */
export interface AlarmActView {
  readonly by: string;
  readonly at: number;
  readonly comment: string;
}

/** One act as the audit keeps it. */
export interface AlarmActEntry extends AlarmActView {
  /** The alarm's id. */
  readonly alarm: string;
  readonly act: AlarmAct;
  /** End of a shelf, ms since epoch. */
  readonly until: number | null;
}

/** An alarm that is not normal: one rule on one series. */
export interface AlarmView {
  readonly id: string;
  readonly alarm: string;
  readonly asset: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly level: LevelName;
  readonly state: AlarmState;
  readonly since: number;
  readonly value: number | null;
  /** Name of the state that the value stands for. */
  readonly value_name?: string;
  readonly unit: string;
  /** `Filler 31: bearing at 86.2 Cel`. */
  readonly text: string;
  readonly runbook: string | null;
  readonly services: readonly string[];
  /** Absent with collectors of before issue 3, as are those below. */
  readonly isa?: IsaState;
  /** It waits until somebody resets it. */
  readonly latched?: boolean;
  readonly acked?: AlarmActView | null;
  /** Put aside until then; `comment` is the reason. */
  readonly shelved?: (AlarmActView & { readonly until: number }) | null;
  /** What suppresses it by design, in one clause. */
  readonly suppressed?: string | null;
  readonly out_of_service?: AlarmActView | null;
  /** People are told of it, and will be of its end: false while it is put aside from before its start. */
  readonly announced?: boolean;
  /** It was the first of its group (its asset's alarms, unless config names one), of which some are still in alarm. */
  readonly first_out?: boolean;
  /** What would calm it, where it comes and goes too often. */
  readonly advice?: string | null;
}

/** An alarm that comes and goes. */
export interface ChatterView {
  readonly id: string;
  readonly alarm: string;
  readonly asset: string;
  readonly metric: string;
  /** How often it was raised in the last minute, and in the last day. */
  readonly last_minute: number;
  readonly last_day: number;
  /** 3 or more in a minute. */
  readonly chattering: boolean;
  readonly advice: string | null;
}

/** How much alarms ask of people (ISA-18.2, monitoring and assessment). */
export interface AlarmLoadView {
  /** Alarms that people were told of in the last 10 minutes. */
  readonly last_10_minutes: number;
  /** More than 10 of them: nobody can follow. */
  readonly flood: boolean;
  readonly announced_total: number;
  /** Those that are raised most often, the worst first. */
  readonly most_frequent: readonly ChatterView[];
}
