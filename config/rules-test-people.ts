import { z } from "zod";
import { alarmActs } from "../core/alarm-view.ts";
import { duration, id, labels } from "./values.ts";

const level = z.enum(["ok", "warning", "major", "critical"]);

/** An incident by what is to blame and by what it hurts: their ids are not known beforehand. */
const namedIncident = z.strictObject({
  cause: id.optional().describe("an asset to blame"),
  service: id.optional().describe("a service that it hurts or has hurt"),
});
export type NamedIncident = z.output<typeof namedIncident>;

/** What somebody does to alarms, or to an incident, in a story. */
export const actInStory = z
  .strictObject({
    at: duration.describe("time after the start"),
    act: z.enum(alarmActs).describe("what is done, as POST /api/v1/alarms/ID/ACT does; an incident takes ack alone"),
    alarm: id.optional().describe("to this alarm"),
    asset: id.optional().describe("on this asset alone"),
    labels: labels.optional().describe("on the series with these labels alone"),
    for: duration.optional().describe("how long it is shelved"),
    incident: namedIncident.optional().describe("to every open incident with this cause and service"),
    alarms: z.boolean().optional().describe("acknowledges the alarms of the incident's causes, too"),
  })
  .superRefine((one, context) => {
    for (const [path, message] of actFaults(one)) context.addIssue({ code: "custom", path: [path], message });
  });
export type ActInStory = z.output<typeof actInStory>;

interface Act {
  readonly act: string;
  readonly alarm?: string | undefined;
  readonly asset?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly for?: number | undefined;
  readonly incident?: NamedIncident | undefined;
  readonly alarms?: boolean | undefined;
}

function actFaults(one: Act): readonly (readonly [path: string, message: string])[] {
  const { act, alarm, incident, for: length } = one;
  if (incident === undefined) {
    if (alarm === undefined) return [["act", "to what? name an `alarm` or an `incident`"]];
    if (one.alarms !== undefined) return [["alarms", "goes with an `incident`"]];
    if ((act === "shelve") === (length !== undefined)) return [];
    return act === "shelve" ? [["act", "a shelf has to end: give it `for`, such as 10m"]] : [["for", "only a shelf has a length"]];
  }
  const ofAlarms = (["alarm", "asset", "labels", "for"] as const).filter((key) => one[key] !== undefined);
  return [
    ...ofAlarms.map((key) => [key, "is of alarms: an act is on alarms or on an incident"] as const),
    ...(act === "ack" ? [] : [["act", `${act} is for alarms: all that can be done to an incident is ack`] as const]),
  ];
}

/** An incident that a moment expects; what it leaves out may be anything. */
export const expectedIncident = namedIncident.extend({
  state: z.enum(["open", "resolved"]).default("open"),
  level: level.optional().describe("as it stands; ok once it is resolved"),
  worst: level.optional().describe("the worst that it ever had"),
  acknowledged: z.boolean().optional(),
  planned: z.boolean().optional().describe("all of it comes from assets in maintenance"),
  causes: z.array(id).optional().describe("all assets to blame, in any order"),
  services: z.array(id).optional().describe("all services that it hurts or has hurt, in any order"),
});
export type ExpectedIncident = z.output<typeof expectedIncident>;

/** What one channel is told of one incident; what it leaves out may be anything. */
export const expectedNotification = z.strictObject({
  to: id.describe("an id of notify.channels"),
  at: duration.optional().describe("time after the start, to the second"),
  kind: z.enum(["opened", "updated", "repeated", "escalated", "resolved"]).optional(),
  level: level.optional().describe("of the incident then; ok once it is resolved"),
  causes: z.array(id).optional().describe("assets to blame, in any order"),
  services: z.array(id).optional().describe("services that it hurts or has hurt, in any order"),
});
export type ExpectedNotification = z.output<typeof expectedNotification>;
