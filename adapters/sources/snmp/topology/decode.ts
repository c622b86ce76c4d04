import { byText } from "../../../../core/order.ts";
import { type Neighbour, type Topology, topologyLimits } from "../../../../core/topology.ts";
import { cdpNeighbours } from "./cdp.ts";
import { learntPorts, stations } from "./forwarding.ts";
import { wordOf } from "./identifiers.ts";
import { lldpNeighbours } from "./lldp.ts";
import { ownMacs, portNames } from "./ports.ts";
import type { RawTables } from "./tables.ts";

/** Makes sense of a device's tables. Whatever they hold, the result is bounded by `topologyLimits`, and in an order of its own. */
export function decodeTopology(raw: RawTables): Omit<Topology, "time"> {
  const ports = portNames(raw);
  const neighbours = [...lldpNeighbours(raw, ports), ...cdpNeighbours(raw, ports)];
  return {
    self: { system: wordOf(raw.scalars.system), macs: ownMacs(raw).slice(0, topologyLimits.macs) },
    neighbours: neighbours.sort((a, b) => byText(orderKey(a), orderKey(b))).slice(0, topologyLimits.neighbours),
    ports: learntPorts(raw, ports),
    stations: stations(raw),
    partial: [...new Set(raw.partial)].sort(),
  };
}

function orderKey({ port, protocol, chassis, system, remotePort }: Neighbour): string {
  return JSON.stringify([port, protocol, chassis, system, remotePort]);
}

/** Nothing of it tells where anything hangs. */
export function isEmptyTopology({ neighbours, ports, stations: known }: Omit<Topology, "time">): boolean {
  return neighbours.length + ports.length + known.length === 0;
}
