/** Incidents as the HTTP interface shows them (DESIGN §9). */
import type { LevelName } from "./level.ts";

/** What people are told about: a root cause, or several that hurt the same services, and every service that they hurt. */
export interface IncidentView {
  readonly id: string;
  /** `Bottling line 3 is critical`. */
  readonly title: string;
  readonly state: "open" | "resolved";
  /** Worst level of its services with unknown counted as ok; `ok` once resolved. */
  readonly level: LevelName;
  /** Worst level that it ever had. */
  readonly worst: LevelName;
  /** All of it comes from assets in maintenance. */
  readonly planned: boolean;
  /** Nothing is known to be broken, but too much is unknown to say that a service is well. */
  readonly blind: boolean;
  readonly opened: number;
  readonly updated: number;
  readonly resolved: number | null;
  /** Asset ids to blame now, or last. */
  readonly causes: readonly string[];
  /** Every service that it hurts or has hurt; `ok` for those that are well again. */
  readonly services: readonly IncidentService[];
  readonly ack: { readonly by: string; readonly comment: string; readonly time: number } | null;
  /** What happened, the oldest first; of a long story the first and the newest lines. */
  readonly history: readonly { readonly time: number; readonly text: string }[];
}

/** One incident with all there is to say of it. */
export interface IncidentDetail extends IncidentView {
  /** Messages of it, the oldest first; of many the first and the newest. */
  readonly told: readonly TellingView[];
}

/** A channel was told of an incident. */
export interface TellingView {
  readonly channel: string;
  readonly kind: "opened" | "updated" | "repeated" | "escalated" | "resolved";
  /** When the message was written. */
  readonly time: number;
  /** The channel has not taken it yet. */
  readonly waiting: boolean;
}

export interface IncidentService {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly level: LevelName;
  /** The sentence of the service, as it was when the incident last changed. */
  readonly why: string;
}
