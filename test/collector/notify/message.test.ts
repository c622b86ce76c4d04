import { expect, it } from "vitest";
import { acknowledge } from "../../../collector/incidents/incident.ts";
import { stepIncidents } from "../../../collector/incidents/step.ts";
import { writeNotification } from "../../../collector/notify/message.ts";

const service = { name: "Line 3", id: "line", owner: "production", unplanned: true, blind: false, why: "Line 3 is hurt" } as const;
const names = new Map([["f31", "Filler 31"]]);

it("an update says what changed, though somebody has acknowledged it before it went out", () => {
  const opened = stepIncidents({ open: [], next: 1 }, [{ ...service, level: "warning", causes: ["f31"] }], 1000);
  const worse = stepIncidents(opened, [{ ...service, level: "critical", causes: ["f31", "f32"] }], 2000);
  const [incident] = worse.open.map((one) => acknowledge(one, { by: "eva", comment: "on my way" }, 3000).view);
  if (incident === undefined) throw new Error("no incident");
  const news = [{ kind: "updated", incident, was: "warning" }] as const;
  const message = writeNotification({ id: "m1", time: 4000, news, url: "", nameOf: (asset) => names.get(asset) ?? asset });
  expect(message.title).toBe("CRITICAL: Line 3 is critical (changed)");
  expect(message.text.split("\n")).toEqual([
    "Changed: Line 3 is critical, was warning; also caused by f32",
    "- Line 3 is hurt (production)",
    "Caused by: Filler 31 (f31), f32",
    "Acknowledged by eva: on my way",
    `Incident ${incident.id}, opened 1970-01-01 00:00 UTC`,
  ]);
});
