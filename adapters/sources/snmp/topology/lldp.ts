import { type Neighbour, topologyLimits } from "../../../../core/topology.ts";
import { addressOfArcs, arcsOf, type Cell, chassisId, portId, wholeOf, wordOf } from "./identifiers.ts";
import type { PortNames } from "./ports.ts";
import type { RawTables } from "./tables.ts";

/** LldpSystemCapabilitiesMap (IEEE 802.1AB-2005 §12.2): bit 0 is the first of the first byte. */
const roleNames = ["other", "repeater", "bridge", "access point", "router", "telephone", "docsis", "station"];

/** Neighbours of lldpRemTable, one for each row that says who it is. */
export function lldpNeighbours(raw: Pick<RawTables, "lldpNeighbours" | "lldpAddresses">, ports: PortNames): Neighbour[] {
  const addresses = managementAddresses(raw.lldpAddresses.keys());
  const found: Neighbour[] = [];
  for (const [index, row] of raw.lldpNeighbours) {
    const chassis = chassisId(wholeOf(row.chassisSubtype), row.chassis);
    const system = wordOf(row.system);
    if (chassis === "" && system === "") continue;
    const arcs = arcsOf(index);
    // timeMark.localPort.number; one agent leaves the first two out, and does not say then which port it is.
    const port = arcs.length === 3 ? arcs[1] : undefined;
    found.push({
      protocol: "lldp",
      port: port === undefined ? "" : ports.byLldpPort(port),
      chassis,
      remotePort: portId(wholeOf(row.portSubtype), row.port),
      remoteText: wordOf(row.portText),
      system,
      platform: wordOf(row.systemText),
      addresses: addresses.get(index) ?? [],
      roles: rolesOf(row.roles),
    });
  }
  return found;
}

/** Addresses in the indexes of lldpRemManAddrTable, by the index of their neighbour. */
function managementAddresses(indexes: Iterable<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const index of indexes) {
    const [mark, port, number, family, ...rest] = arcsOf(index);
    const address = family === 1 || family === 2 ? addressOfArcs(rest) : undefined;
    if (address === undefined) continue;
    const neighbour = `${mark}.${port}.${number}`;
    const known = found.get(neighbour) ?? [];
    if (known.length < topologyLimits.addresses && !known.includes(address)) known.push(address);
    found.set(neighbour, known);
  }
  return found;
}

function rolesOf(cell: Cell | undefined): string[] {
  const bits = Buffer.isBuffer(cell?.value) ? (cell.value[0] ?? 0) : 0;
  return roleNames.filter((_, bit) => (bits & (0x80 >> bit)) !== 0);
}
