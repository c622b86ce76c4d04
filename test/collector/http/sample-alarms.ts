import type { AlarmView } from "../../../core/alarm-view.ts";

/** One that nobody has seen, one that eva has, one in its on-delay. */
export function sampleAlarms(now: number): AlarmView[] {
  return [
    { ...alarm(now, "filler-31", "critical", 86.2, 252_000), isa: "unacknowledged", first_out: true, announced: true },
    {
      ...alarm(now, "filler-32", "warning", 71.3, 40_000),
      runbook: null,
      isa: "acknowledged",
      acked: { by: "eva", at: now - 20_000, comment: "grease is on its way" },
      advice: "a dead band of 1.5 (clear: 68.5) would have saved 41 of 44",
    },
    { ...alarm(now, "filler-33", "warning", 70.4, 12_000), state: "pending", isa: "normal" },
  ];
}

function alarm(now: number, asset: string, level: AlarmView["level"], value: number, agoMs: number): AlarmView {
  return {
    id: `bearing-hot/${asset}/bearing`,
    alarm: "bearing-hot",
    asset,
    metric: "temperature_celsius",
    labels: { sensor: "bearing" },
    level,
    state: "active",
    since: now - agoMs,
    value,
    unit: "Cel",
    text: `Filler ${asset.slice(-2)}: bearing at ${value} Cel`,
    runbook: "https://wiki.example/bearing",
    services: ["bottling-line-3"],
  };
}
