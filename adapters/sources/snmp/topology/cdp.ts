import type { Neighbour } from "../../../../core/topology.ts";
import { addressOf, arcsOf, type Cell, macOfText, wholeOf, wordOf } from "./identifiers.ts";
import type { PortNames } from "./ports.ts";
import type { RawTables } from "./tables.ts";

/** Capabilities of CDP, from the lowest bit on (CISCO-CDP-MIB, cdpCacheCapabilities). */
const roleNames = ["router", "bridge", "source-route bridge", "switch", "station", "igmp", "repeater", "telephone"];
/** CiscoNetworkProtocol of cdpCacheAddressType. */
const ip = 1;
const ipv6 = 20;

/** Neighbours of cdpCacheTable; its index begins with an ifIndex. */
export function cdpNeighbours({ cdpNeighbours: rows }: Pick<RawTables, "cdpNeighbours">, ports: PortNames): Neighbour[] {
  const found: Neighbour[] = [];
  for (const [index, row] of rows) {
    const device = wordOf(row.device);
    const [ifIndex, ...rest] = arcsOf(index);
    if (device === "" || ifIndex === undefined || rest.length !== 1) continue;
    const mac = macOfText(device);
    const address = addressIn(row.addressType, row.address);
    found.push({
      protocol: "cdp",
      port: ports.byIfIndex(ifIndex),
      chassis: mac ?? "",
      remotePort: wordOf(row.port),
      remoteText: "",
      system: mac === undefined ? nameIn(device) : "",
      platform: wordOf(row.platform),
      addresses: address === undefined ? [] : [address],
      roles: rolesOf(row.roles),
    });
  }
  return found;
}

/** `core-1.plant.example(FOC1234X0AB)`: Nexus switches put their serial number behind their name. */
function nameIn(device: string): string {
  return device.replace(/\([^()]*\)$/, "");
}

function addressIn(type: Cell | undefined, address: Cell | undefined): string | undefined {
  const kind = wholeOf(type) ?? ip;
  return (kind === ip || kind === ipv6) && Buffer.isBuffer(address?.value) ? addressOf(address.value) : undefined;
}

function rolesOf(cell: Cell | undefined): string[] {
  const bits = Buffer.isBuffer(cell?.value) ? (cell.value.at(-1) ?? 0) : 0;
  return roleNames.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
