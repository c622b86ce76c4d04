import { describe, expect, it } from "vitest";
import { Stage, snmp } from "../stage.ts";

/** Prometheus' TestForStateRestore (rules/alerting_test.go): `for` of 25 min, a value every 5 min, a stop after the second. */
const config = {
  assets: { x: { snmp: { ...snmp, every: "5m" } } },
  alarms: { low: { asset: "x", metric: "temperature_celsius", critical: { below: 100, for: "25m" } } },
};
const everyMs = 300_000;

/** Values at 0 s and 300 s, a stop, and the values from `restoreS` on. What stands after each of these. */
function restored(before: readonly number[], restoreS: number, after: readonly number[]): (string | undefined)[] {
  const stage = new Stage(config);
  const start = stage.now;
  for (const [i, value] of before.entries()) {
    stage.now = start + i * everyMs;
    stage.put("x", value, { everyMs });
    stage.changes();
  }
  const again = stage.restart(config, start + restoreS * 1000 - stage.now);
  return after.map((value, i) => {
    again.now = start + restoreS * 1000 + i * everyMs;
    again.put("x", value, { everyMs });
    again.plant.tick(again.now);
    again.changes();
    const alarm = again.plant.alarms().find(({ id }) => id === "low:x");
    return alarm === undefined ? "normal" : `${alarm.state} since ${(alarm.since - start) / 1000}`;
  });
}

describe("an on-delay over a restart", () => {
  it.each<{ what: string; restoreS: number; after: readonly number[]; expected: readonly string[] }>([
    // Prometheus adds the time that it was down; here agents keep what was read meanwhile, and the delay goes on by the values' own time.
    { what: "goes on", restoreS: 900, after: [0, 0, 25], expected: ["pending since 0", "pending since 0", "active since 1500"] },
    { what: "ends with a value that is well", restoreS: 900, after: [120, 50], expected: ["normal", "pending since 1200"] },
    { what: "is over where there is nothing to raise after it", restoreS: 3000, after: [120], expected: ["normal"] },
  ])("$what", ({ restoreS, after, expected }) => {
    expect(restored([75, 85], restoreS, after)).toEqual(expected);
  });

  it("of an alarm that was on stays on", () => {
    expect(restored([75, 85, 50, 0, 0, 25], 1800, [0, 120])).toEqual(["active since 1500", "normal"]);
  });
});
