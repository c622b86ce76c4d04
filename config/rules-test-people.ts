import { z } from "zod";
import { alarmActs } from "../core/alarm-view.ts";
import { duration, id, labels } from "./values.ts";

/** What somebody does to alarms in a story. */
export const actInStory = z
  .strictObject({
    at: duration.describe("time after the start"),
    act: z.enum(alarmActs).describe("what is done, as POST /api/v1/alarms/ID/ACT does"),
    alarm: id.describe("to this alarm"),
    asset: id.optional().describe("on this asset alone"),
    labels: labels.optional().describe("on the series with these labels alone"),
    for: duration.optional().describe("how long it is shelved"),
  })
  .superRefine(({ act, for: length }, context) => {
    if ((act === "shelve") === (length !== undefined)) return;
    const message = act === "shelve" ? "a shelf has to end: give it `for`, such as 10m" : "only a shelf has a length";
    context.addIssue({ code: "custom", path: [length === undefined ? "act" : "for"], message });
  });
export type ActInStory = z.output<typeof actInStory>;

/** What one channel is told of one incident; what it leaves out may be anything. */
export const expectedNotification = z.strictObject({
  to: id.describe("an id of notify.channels"),
  at: duration.optional().describe("time after the start, to the second"),
  kind: z.enum(["opened", "updated", "repeated", "escalated", "resolved"]).optional(),
  level: z.enum(["ok", "warning", "major", "critical"]).optional().describe("of the incident then; ok once it is resolved"),
  causes: z.array(id).optional().describe("assets to blame, in any order"),
  services: z.array(id).optional().describe("services that it hurts or has hurt, in any order"),
});
export type ExpectedNotification = z.output<typeof expectedNotification>;
