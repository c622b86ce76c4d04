import type { AssetView } from "../../../core/asset-view.ts";
import type { Protocol } from "../../../core/source.ts";

const hall = "acme/brno/hall-1";

/** A hall and a data centre: filler 31 is hot, filler 32 warm, the MES server does not answer. */
export function sampleAssets(now: number): AssetView[] {
  const line3 = `${hall}/line-3`;
  const fillers = ["31", "32", "33"].map((n) =>
    asset(now, `filler-${n}`, `Filler ${n}`, `${line3}/filler-${n}`, { type: "filler", line: "3" }, "modbus", [
      "bottling-line-3",
      "shipping",
    ]),
  );
  return [
    asset(now, "core-sw-1", "Core switch, hall 1", hall, { type: "switch" }, "snmp", ["bottling-line-3", "mes", "shipping"]),
    asset(now, "core-sw-2", "Core switch, data centre", "acme/brno/dc", { type: "switch" }, "snmp", ["mes"]),
    asset(now, "ups-1", "UPS, data centre", "acme/brno/dc", { type: "ups" }, "snmp", ["power"]),
    asset(now, "mes-server", "MES server", "acme/brno/dc", { type: "server" }, "snmp", ["mes", "bottling-line-3", "shipping"]),
    ...fillers,
    asset(now, "meter-1", "Energy meter, incomer", hall, { type: "meter" }, "modbus", ["power"]),
    asset(now, "compressor", "Compressor", hall, { type: "compressor" }, "mqtt", ["compressed-air", "bottling-line-3"]),
    asset(now, "labeller", "Labeller", line3, { type: "labeller", line: "3" }, "mqtt", ["labelling"]),
  ].map((one) => {
    if (one.id === "filler-31") return { ...one, level: "critical" as const, since: now - 252_000, why: "Filler 31: bearing at 86.2 Cel" };
    if (one.id === "filler-32") return { ...one, level: "warning" as const, since: now - 40_000, why: "Filler 32: bearing at 71.3 Cel" };
    if (one.id === "mes-server")
      return {
        ...one,
        up: false,
        level: "unknown" as const,
        since: now - 25_000,
        why: "no data for 25 s: 127.0.0.1:1163: timed out after 2 s",
        sources: one.sources.map((source) => ({
          ...source,
          state: "down" as const,
          reason: "127.0.0.1:1163: timed out after 2 s",
          last_ok: now - 25_000,
        })),
      };
    return one;
  });
}

function asset(
  now: number,
  id: string,
  name: string,
  at: string,
  labels: Record<string, string>,
  protocol: Protocol,
  services: string[],
): AssetView {
  const targets = { snmp: "127.0.0.1:1161", modbus: "127.0.0.1:1502 unit 31", mqtt: "mqtt://127.0.0.1:1883 plant/air/+" };
  return {
    id,
    name,
    at,
    labels,
    up: true,
    level: "ok",
    since: now - 5 * 3_600_000,
    why: "",
    agent: "hall-1",
    sources: [{ protocol, target: targets[protocol], state: "up", reason: "", last_ok: now - 900 }],
    services,
    inventory: protocol === "snmp" ? { sysDescr: "Linux switch 6.1", serial: "FCW2241L0AB" } : {},
  };
}
