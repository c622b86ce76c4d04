import { byText } from "../../../../core/order.ts";
import { type LearntPort, type Station, topologyLimits } from "../../../../core/topology.ts";
import { addressOfArcs, arcsOf, type Cell, macOf, macOfArcs, wholeOf } from "./identifiers.ts";
import { type PortNames, portNames } from "./ports.ts";
import type { RawTables } from "./tables.ts";

/** dot1dTpFdbStatus and dot1qTpFdbStatus: what the bridge learnt, not what it was told or is itself. */
const learned = 3;
/** ipNetToMediaType and ipNetToPhysicalType. */
const invalid = 2;

/** What was learnt on which port, of all forwarding tables together. Addresses in several VLANs count once. */
export function learntPorts(
  raw: Pick<RawTables, "forwarding" | "vlanForwarding" | "bridges" | "interfaces" | "lldpPorts">,
  ports: PortNames,
): LearntPort[] {
  const found = new Map<string, Set<string>>();
  const learn = (arcs: readonly number[], { port, status }: { port?: Cell; status?: Cell }, names = ports): void => {
    const mac = macOfArcs(arcs);
    const number = wholeOf(port);
    // Port 0: learnt, but nobody knows where.
    if (mac === undefined || number === undefined || number <= 0 || (wholeOf(status) ?? learned) !== learned) return;
    const name = names.byBridgePort(number);
    const known = found.get(name) ?? new Set();
    found.set(name, known.add(mac));
  };
  for (const [index, row] of raw.forwarding) learn(arcsOf(index), row);
  for (const [index, row] of raw.vlanForwarding) learn(arcsOf(index).slice(1), row);
  for (const { forwarding, bridgePorts } of raw.bridges) {
    if (forwarding.size === 0) continue;
    const names = portNames({ ...raw, bridgePorts });
    for (const [index, row] of forwarding) learn(arcsOf(index), row, names);
  }
  const all = [...found].map(([port, macs]) => ({
    port,
    count: macs.size,
    macs: macs.size > topologyLimits.listed ? [] : [...macs].sort(byText),
  }));
  return all.sort((a, b) => byText(a.port, b.port)).slice(0, topologyLimits.ports);
}

/** Which MAC address has which IP address, of ARP and neighbour discovery. */
export function stations(raw: Pick<RawTables, "arp" | "addresses">): Station[] {
  const found = new Map<string, Station>();
  const add = (arcs: readonly number[], row: { mac?: Cell; type?: Cell }): void => {
    const mac = macOf(row.mac);
    const address = addressOfArcs(arcs);
    if (mac !== undefined && address !== undefined && wholeOf(row.type) !== invalid) found.set(`${address} ${mac}`, { mac, address });
  };
  for (const [index, row] of raw.arp) add(arcsOf(index).slice(1), row);
  for (const [index, row] of raw.addresses) add(arcsOf(index).slice(2), row);
  return [...found]
    .sort(([a], [b]) => byText(a, b))
    .map(([, station]) => station)
    .slice(0, topologyLimits.stations);
}
