import type { LevelName } from "./level.ts";
import type { Labels } from "./reading.ts";

/** What kind of thing happened: the device told of something (an SNMP trap or inform), or it told of so much that some was dropped. */
export const eventKinds = ["trap", "storm"] as const;
export type EventKind = (typeof eventKinds)[number];

/** How grave a device's word is. It raises no alarm: alarms judge readings. `unknown` where no profile says. */
export const eventLevels = ["ok", "warning", "major", "critical", "unknown"] as const;
export type EventLevel = LevelName | "unknown";

/** Something that a device told, at one time. All texts of the device are hostile. */
export interface AssetEvent {
  readonly asset: string;
  /** ms since epoch when the agent heard it. */
  readonly time: number;
  readonly kind: EventKind;
  /** `linkDown`; the notification's OID where no profile names it. */
  readonly name: string;
  readonly level: EventLevel;
  /** One sentence for people. */
  readonly text: string;
  /** What the event is about, as the profile chose: `{ if_index: "3" }`. */
  readonly labels: Labels;
  /** OID of the notification. */
  readonly origin: string;
  /** Everything the device said with it, by the variable's name, or its OID where no profile names it. */
  readonly values: Readonly<Record<string, string>>;
}

/** Bounds of one event's texts; what is longer is cut. */
export const eventLimits = { text: 1000, value: 255, values: 64, labels: 16 } as const;

/** What became of datagrams at an agent's port for traps, since it started. */
export const trapOutcomes = [
  "taken",
  "duplicate",
  "dropped",
  "overload",
  "discovery",
  "unknown_sender",
  "denied",
  "not_in_time",
  "ambiguous",
  "malformed",
] as const;
export type TrapOutcome = (typeof trapOutcomes)[number];
export type TrapCounts = Readonly<Record<TrapOutcome, number>>;
