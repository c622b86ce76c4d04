import { TopologyBook } from "../../../collector/topology/book.ts";
import { ToldTopologies } from "../../../collector/topology/told.ts";
import type { AssetView } from "../../../core/asset-view.ts";
import { at, mac, neighbour, plc, port, told } from "../topology/facts.ts";

/** The switch of the sample sees the filler's port, and a camera that nobody has configured. */
export function sampleTopology(assets: readonly AssetView[], now: number): TopologyBook {
  const camera = neighbour("Gi1/0/9", { chassis: "ac:de:48:00:00:01", system: "camera-7", platform: "Camera OS 4", roles: ["station"] });
  const edge = { protocol: "cdp" as const, system: "line-3-edge", remotePort: "eth0", roles: ["station"] };
  const facts = told({
    time: now - 3_600_000,
    system: "core-sw-1",
    neighbours: [camera, neighbour("Gi1/0/12", edge)],
    ports: [port("Gi1/0/3", mac(31)), port("Gi1/0/9", "ac:de:48:00:00:01"), { port: "Gi1/0/24", count: 212, macs: [] }],
    stations: [{ mac: mac(31), address: "10.0.4.31" }],
  });
  const config = Object.fromEntries(assets.map(({ id }) => [id, id === "filler-31" ? plc("10.0.4.31") : at(`${id}.plant.example`)]));
  const topologies = new ToldTopologies();
  topologies.take({ topologies: [{ asset: "core-sw-1", topology: facts }] });
  return new TopologyBook(topologies, () => config);
}
