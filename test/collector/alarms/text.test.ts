import { describe, expect, it } from "vitest";
import type { AlarmView } from "../../../core/alarm-view.ts";
import type { SeriesDescription } from "../../../core/reading.ts";
import { Stage, snmp } from "../stage.ts";

const pressure = { metric: "pressure_pascals", unit: "Pa", labels: { sensor: "main" } };
const port: Partial<SeriesDescription> = {
  metric: "if_oper_status",
  unit: "",
  kind: "state",
  states: { 1: "up", 2: "down" },
  labels: { if_name: "Gi1/0/1" },
};

/** The alarm that this rule makes of one value. */
function alarmOf(rule: object, value: number, how: Partial<SeriesDescription>): AlarmView | undefined {
  const stage = new Stage({
    assets: { x: { name: "Compressor", labels: { type: "c" }, snmp } },
    alarms: { low: { asset: "x", metric: how.metric, ...rule } },
  });
  stage.put("x", value, how);
  stage.changes();
  return stage.plant.alarms()[0];
}

describe("what people read of an alarm", () => {
  it.each([
    { text: undefined, rule: { major: { below: 6e5 } }, value: 5.2e5, how: pressure, read: "Compressor: main pressure at 5.2 bar" },
    { text: "{asset.name}: {value}", rule: { major: { below: 6e5 } }, value: 5.2e5, how: pressure, read: "Compressor: 5.2 bar" },
    {
      text: "{asset.id} {metric} {labels.sensor} {labels.none} {level} {what} {__proto__}",
      rule: { major: { below: 6e5 } },
      value: 5.2e5,
      how: pressure,
      read: "x pressure_pascals main  major {what} {__proto__}",
    },
    { text: undefined, rule: { critical: { is: "down" } }, value: 2, how: port, read: "Compressor: Gi1/0/1 oper status is down" },
    { text: "{value}", rule: { critical: { is_not: "up" } }, value: 2, how: port, read: "down" },
    { text: "{value}", rule: { critical: { is_not: "up" } }, value: 7, how: port, read: "7" },
  ])("$read", ({ text, rule, value, how, read }) => {
    expect(alarmOf(text === undefined ? rule : { ...rule, text }, value, how)?.text).toBe(read);
  });

  it("a device's labels are text, whatever stands in them", () => {
    expect(
      alarmOf({ critical: { is: "down" }, text: "port {labels.if_name}" }, 2, { ...port, labels: { if_name: "{asset.name}$&" } })?.text,
    ).toBe("port {asset.name}$&");
  });

  it("a rate is told as one, with the limit in what a service says of it", () => {
    const errors = { metric: "if_in_errors_total", unit: "1", kind: "counter" as const, labels: { if_name: "Gi1/0/1" } };
    const stage = new Stage({
      assets: { x: { name: "Core switch", snmp } },
      alarms: { errors: { asset: "x", metric: "if_in_errors_total", major: { rate_above: 5 } } },
      services: { net: { name: "Network", needs: ["asset x"] } },
    });
    stage.put("x", 1000, errors);
    stage.pass(1);
    stage.put("x", 1012, errors);
    stage.changes();
    expect(stage.plant.alarms().map(({ text }) => text)).toEqual(["Core switch: Gi1/0/1 in errors rising by 12 a second"]);
    expect(stage.plant.service("net")?.why).toContain("Core switch: Gi1/0/1 in errors rising by 12 a second (limit 5 a second)");
  });

  it("a value that changes too often is told by that", () => {
    const stage = new Stage({
      assets: { x: { name: "Core switch", snmp } },
      alarms: { flaps: { asset: "x", metric: "if_oper_status", warning: { changes: 2, within: "5m" } } },
    });
    for (const value of [1, 2, 1]) {
      stage.put("x", value, port);
      stage.pass(1);
    }
    stage.changes();
    expect(stage.plant.alarms().map(({ text }) => text)).toEqual(["Core switch: Gi1/0/1 oper status changed 2 times or more within 5m"]);
  });

  it("silence is told by how long it is", () => {
    const stage = new Stage({
      assets: { x: { name: "Compressor", snmp } },
      alarms: { "no-air-data": { asset: "x", metric: "pressure_pascals", critical: { stale: "60s" } } },
    });
    stage.put("x", 7e5, pressure);
    stage.pass(59);
    expect(stage.plant.alarms()).toEqual([]);
    stage.pass(1);
    expect(stage.plant.alarms().map((alarm) => alarm.text)).toEqual(["Compressor: no main pressure for more than 1m"]);
  });
});
