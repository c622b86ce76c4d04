import type { AlarmView } from "../../../core/alarm-view.ts";
import type { NeedView, ServiceDetail } from "../../../core/service-view.ts";

/** Six services: line 3 stands still by filler 31, and shipping with it; MES is unknown. */
export function sampleServices(now: number, alarms: readonly AlarmView[]): ServiceDetail[] {
  const members: NeedView = {
    ...need("members", "3 of {type=filler,line=3}", "3 of {type=filler,line=3}: 3 needed, 2 up", [
      {
        ...filler("31"),
        level: "critical",
        low: "critical",
        high: "critical",
        since: now - 252_000,
        why: "Filler 31: bearing at 86.2 Cel",
      },
      {
        ...filler("32"),
        level: "warning",
        low: "warning",
        high: "warning",
        since: now - 40_000,
        why: "Filler 32: bearing at 71.3 Cel",
      },
      filler("33"),
    ]),
    level: "critical",
    low: "critical",
    high: "critical",
    since: now - 252_000,
    why: "3 of {type=filler,line=3}: 3 needed, 2 up",
  };
  const mesNeed: NeedView = {
    ...need("service", "mes", "MES", [
      { ...need("asset", "mes-server", "MES server"), level: "unknown", high: "critical", since: now - 25_000, why: "no data for 25 s" },
      { ...need("asset", "core-sw-2", "Core switch, data centre"), weight: 2 },
    ]),
    worst: "major",
    level: "unknown",
    high: "critical",
    since: now - 25_000,
    why: "unknown, between ok and critical: MES server has no data",
  };
  const air = need("service", "compressed-air", "Compressed air", [
    need("metric", "compressor pressure_pascals >= 6e5", "compressor pressure_pascals >= 600000: 712000"),
  ]);
  return [
    {
      ...service(now, "bottling-line-3", "Bottling line 3", "production", [
        members,
        mesNeed,
        need("asset", "core-sw-1", "Core switch, hall 1"),
        air,
      ]),
      level: "critical",
      low: "critical",
      high: "critical",
      hours: { calendar: "two-shift", zone: "Europe/Prague", open: true, changes: now + 3 * 3_600_000 },
      recovery: { sets: [["filler-31"]], text: "ok again when Filler 31 recovers" },
      since: now - 252_000,
      why: "Needs 3 of 3 fillers and has 2: Filler 31 is critical (bearing at 86.2 Cel)",
      causes: ["filler-31"],
      impact: ["shipping"],
      alarms: alarms.slice(0, 2),
    },
    {
      ...service(now, "mes", "MES", "it", mesNeed.children.slice()),
      level: "unknown",
      high: "critical",
      since: now - 25_000,
      why: "Unknown, between ok and critical: MES server has sent nothing for 25 s",
      causes: ["mes-server"],
      impact: ["bottling-line-3", "shipping"],
    },
    service(now, "power", "Power supply", "facilities", [
      need("asset", "ups-1", "UPS, data centre"),
      need("asset", "meter-1", "Energy meter, incomer"),
    ]),
    service(now, "compressed-air", "Compressed air", "facilities", air.children.slice()),
    {
      ...service(now, "labelling", "Labelling", "production", [need("asset", "labeller", "Labeller")]),
      level: "warning",
      low: "warning",
      high: "warning",
      since: now - 40_000,
      why: "Labeller is at warning: 12 % of labels rejected",
      causes: ["labeller"],
    },
    {
      ...service(now, "shipping", "Shipping of bottled goods", "logistics", [
        {
          ...need("service", "bottling-line-3", "Bottling line 3", []),
          level: "major",
          low: "major",
          high: "major",
          since: now - 252_000,
          why: "",
        },
      ]),
      level: "major",
      low: "major",
      high: "major",
      since: now - 252_000,
      why: "Relies on Bottling line 3, which is critical since Filler 31 is",
      causes: ["filler-31"],
    },
  ];
}

function service(now: number, id: string, name: string, owner: string, needs: NeedView[]): ServiceDetail {
  return {
    id,
    name,
    owner,
    level: "ok",
    low: "ok",
    high: "ok",
    since: now - 26 * 3_600_000,
    why: "All it needs is ok",
    causes: [],
    impact: [],
    recovery: { sets: [], text: "" },
    needs,
    alarms: [],
  };
}

function need(kind: NeedView["kind"], id: string, text: string, children: NeedView[] = []): NeedView {
  return { kind, id, text, level: "ok", low: "ok", high: "ok", since: null, why: "", children };
}

function filler(n: string): NeedView {
  return need("asset", `filler-${n}`, `Filler ${n}`);
}
