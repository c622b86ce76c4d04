import { asset as assetSchema } from "../../../config/assets.ts";
import type { Neighbour, Topology } from "../../../core/topology.ts";

/** What a device told; everything it does not say is empty. */
export function told(of: Omit<Partial<Topology>, "self"> & { readonly system?: string; readonly macs?: readonly string[] } = {}): Topology {
  const { system = "", macs = [], ...rest } = of;
  return { time: 1000, self: { system, macs }, neighbours: [], ports: [], stations: [], partial: [], ...rest };
}

export function neighbour(port: string, of: Partial<Neighbour> = {}): Neighbour {
  const nothing = { chassis: "", remotePort: "", remoteText: "", system: "", platform: "", addresses: [], roles: [] };
  return { protocol: "lldp", port, ...nothing, ...of };
}

/** A port with these MAC addresses. */
export function port(name: string, ...macs: string[]): Topology["ports"][number] {
  return { port: name, count: macs.length, macs };
}

/** `aa:00:00:00:00:07`. */
export function mac(n: number): string {
  return `aa:00:00:00:00:${n.toString(16).padStart(2, "0")}`;
}

/** A config's asset at this host, read by SNMP. */
export function at(host: string, via: readonly (string | readonly string[])[] = []): ReturnType<typeof assetSchema.parse> {
  return assetSchema.parse({ via, snmp: { host, community: "env:C" } });
}

/** A config's asset at this host, read by Modbus. */
export function plc(host: string): ReturnType<typeof assetSchema.parse> {
  return assetSchema.parse({ modbus: { tcp: `${host}:502`, profile: "demo-filler" } });
}

/**
 * A core and an access switch that see each other, and a server on the access switch that sees it; a controller without SNMP there too,
 * which the core knows by ARP.
 */
export function smallPlant() {
  const roles = ["bridge", "router"];
  const assets = { "core-1": at("10.0.0.1"), "acc-1": at("10.0.0.2"), "server-1": at("10.0.0.10"), "filler-31": plc("10.0.0.31") };
  const topologies = new Map<string, Topology>([
    [
      "core-1",
      told({
        system: "core-1.plant.example",
        macs: [mac(1)],
        neighbours: [
          neighbour("Gi1/0/1", { chassis: mac(2), remotePort: "Gi0/24", system: "acc-1", roles }),
          neighbour("Gi1/0/1", { protocol: "cdp", remotePort: "GigabitEthernet0/24", system: "acc-1", addresses: ["10.0.0.2"], roles }),
          neighbour("Gi1/0/9", {
            chassis: "ac:de:48:00:00:01",
            remotePort: "eth0",
            system: "camera-7",
            platform: "Camera OS 4",
            roles: ["station"],
          }),
        ],
        ports: [port("Gi1/0/1", mac(2), mac(10), mac(31)), port("Gi1/0/9", "ac:de:48:00:00:01")],
        stations: [
          { mac: mac(31), address: "10.0.0.31" },
          { mac: mac(10), address: "10.0.0.10" },
        ],
      }),
    ],
    [
      "acc-1",
      told({
        system: "acc-1",
        macs: [mac(2)],
        neighbours: [
          neighbour("Gi0/24", { chassis: mac(1), remotePort: "Gi1/0/1", system: "core-1.plant.example", roles }),
          neighbour("Gi0/3", { chassis: mac(10), remotePort: "eno1", system: "server-1", roles: ["station"] }),
        ],
        ports: [port("Gi0/24", mac(1)), port("Gi0/3", mac(10)), port("Gi0/7", mac(31))],
      }),
    ],
    [
      "server-1",
      told({
        system: "server-1",
        macs: [mac(10)],
        neighbours: [neighbour("eno1", { chassis: mac(2), remotePort: "Gi0/3", system: "acc-1", roles })],
      }),
    ],
  ]);
  return { assets, topologies };
}
