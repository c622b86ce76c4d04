import { byText } from "../../../../core/order.ts";
import { macOf, portId, wholeOf, wordOf } from "./identifiers.ts";
import type { RawTables } from "./tables.ts";

/** What the ports of a device are called, whichever of its numberings names them. */
export interface PortNames {
  byIfIndex(ifIndex: number): string;
  /** A port of BRIDGE-MIB. */
  byBridgePort(port: number): string;
  /** A lldpLocPortNum: that is not always an ifIndex. */
  byLldpPort(port: number): string;
}

/** Reads the device's own names of its ports: ifName, else ifDescr, else what its tables say. */
export function portNames(raw: Pick<RawTables, "interfaces" | "bridgePorts" | "lldpPorts">): PortNames {
  const names = new Map<string, string>();
  const spoken = new Map<string, string>();
  const byMac = new Map<string, string | undefined>();
  for (const [index, { name, description, mac }] of raw.interfaces) {
    const called = wordOf(name) || wordOf(description) || `interface ${index}`;
    names.set(index, called);
    for (const word of [wordOf(name), wordOf(description)]) if (word !== "") spoken.set(word.toLowerCase(), called);
    const address = macOf(mac);
    if (address !== undefined) byMac.set(address, byMac.has(address) ? undefined : called);
  }
  const byIfIndex = (ifIndex: number): string => names.get(`${ifIndex}`) ?? `interface ${ifIndex}`;
  return {
    byIfIndex,
    byBridgePort(port) {
      const ifIndex = wholeOf(raw.bridgePorts.get(`${port}`)?.ifIndex);
      return ifIndex === undefined || !names.has(`${ifIndex}`) ? `port ${port}` : byIfIndex(ifIndex);
    },
    byLldpPort(port) {
      const own = raw.lldpPorts.get(`${port}`);
      if (own === undefined) return names.get(`${port}`) ?? `port ${port}`;
      const id = portId(wholeOf(own.subtype), own.id);
      const text = wordOf(own.description);
      const known = spoken.get(id.toLowerCase()) ?? byMac.get(id) ?? spoken.get(text.toLowerCase());
      return known ?? (text || id || `port ${port}`);
    },
  };
}

/** MAC addresses that are the device's own: of its chassis, its bridge and its interfaces. */
export function ownMacs({ interfaces, scalars }: Pick<RawTables, "interfaces" | "scalars">): string[] {
  const chassis = wholeOf(scalars.chassisSubtype) === 4 ? macOf(scalars.chassis) : undefined;
  const all = [macOf(scalars.bridge), chassis, ...[...interfaces.values()].map(({ mac }) => macOf(mac))];
  return [...new Set(all.filter((mac) => mac !== undefined))].sort(byText);
}
