/** What the demo can break, and what a plant manager should see. `expect` is what the browser and demo tests hold it to. */
export interface Fault {
  readonly story: string;
  readonly expect: { readonly service: string; readonly level: "warning" | "major" | "critical" | "unknown"; readonly cause: string };
}

export const faults = {
  "filler-overheats": {
    story: "the bearing of filler 31 runs dry and heats up to 92 °C: the line still has its 2 fillers, and no reserve",
    expect: { service: "bottling-line-3", level: "warning", cause: "filler-31" },
  },
  "filler-dead": {
    story: "filler 32 stops answering: its controller has lost power",
    expect: { service: "bottling-line-3", level: "warning", cause: "filler-32" },
  },
  "switch-port-down": {
    story: "the uplink of the hall's switch goes down: the hall is cut off from the data centre",
    expect: { service: "bottling-line-3", level: "critical", cause: "core-sw-1" },
  },
  "ups-on-battery": {
    story: "mains is lost in the data centre: the UPS carries it, for as long as the battery lasts",
    expect: { service: "data-centre-power", level: "major", cause: "ups-1" },
  },
  "air-leak": {
    story: "a hose bursts: compressed air falls from 7 to 5.2 bar, fillers cannot work with that",
    expect: { service: "compressed-air", level: "critical", cause: "compressor" },
  },
  "mqtt-silent": {
    story: "the hall's MQTT gateway hangs: broker up, no message any more; nobody can tell how compressed air is",
    expect: { service: "compressed-air", level: "unknown", cause: "compressor" },
  },
  "mes-down": {
    story: "the MES server dies: the line gets no orders",
    expect: { service: "mes", level: "critical", cause: "mes-server" },
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as readonly FaultName[];

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}
