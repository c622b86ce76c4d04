import type { TopologyTable } from "../../../../core/topology.ts";
import type { Cell } from "./identifiers.ts";

/** A table's cells by column, by index. */
export type Cells<C extends string = string> = ReadonlyMap<string, Partial<Readonly<Record<C, Cell>>>>;

interface TableShape {
  /** What it tells of. */
  readonly of: TopologyTable;
  /** OID of each column that is read, by its name here. */
  readonly columns: Readonly<Record<string, string>>;
  /** Most rows that are read. */
  readonly rows: number;
}

/**
 * What is read. IF-MIB (RFC 2863), LLDP-MIB (IEEE 802.1AB-2005 §12), CISCO-CDP-MIB, BRIDGE-MIB (RFC 4188),
 * Q-BRIDGE-MIB (RFC 4363), IP-MIB (RFC 4293).
 */
export const tables = {
  interfaces: {
    of: "interfaces",
    rows: 2048,
    columns: { name: "1.3.6.1.2.1.31.1.1.1.1", description: "1.3.6.1.2.1.2.2.1.2", mac: "1.3.6.1.2.1.2.2.1.6" },
  },
  lldpPorts: {
    of: "lldp",
    rows: 1024,
    columns: { subtype: "1.0.8802.1.1.2.1.3.7.1.2", id: "1.0.8802.1.1.2.1.3.7.1.3", description: "1.0.8802.1.1.2.1.3.7.1.4" },
  },
  /** Index: timeMark.localPort.number. */
  lldpNeighbours: {
    of: "lldp",
    rows: 512,
    columns: {
      chassisSubtype: "1.0.8802.1.1.2.1.4.1.1.4",
      chassis: "1.0.8802.1.1.2.1.4.1.1.5",
      portSubtype: "1.0.8802.1.1.2.1.4.1.1.6",
      port: "1.0.8802.1.1.2.1.4.1.1.7",
      portText: "1.0.8802.1.1.2.1.4.1.1.8",
      system: "1.0.8802.1.1.2.1.4.1.1.9",
      systemText: "1.0.8802.1.1.2.1.4.1.1.10",
      roles: "1.0.8802.1.1.2.1.4.1.1.12",
    },
  },
  /** Index: that of its neighbour, then family.length.address. */
  lldpAddresses: { of: "lldp", rows: 2048, columns: { ifSubtype: "1.0.8802.1.1.2.1.4.2.1.3" } },
  /** Index: ifIndex.number. */
  cdpNeighbours: {
    of: "cdp",
    rows: 512,
    columns: {
      addressType: "1.3.6.1.4.1.9.9.23.1.2.1.1.3",
      address: "1.3.6.1.4.1.9.9.23.1.2.1.1.4",
      device: "1.3.6.1.4.1.9.9.23.1.2.1.1.6",
      port: "1.3.6.1.4.1.9.9.23.1.2.1.1.7",
      platform: "1.3.6.1.4.1.9.9.23.1.2.1.1.8",
      roles: "1.3.6.1.4.1.9.9.23.1.2.1.1.9",
    },
  },
  bridgePorts: { of: "forwarding", rows: 2048, columns: { ifIndex: "1.3.6.1.2.1.17.1.4.1.2" } },
  /** Index: the MAC address. */
  forwarding: { of: "forwarding", rows: 4096, columns: { port: "1.3.6.1.2.1.17.4.3.1.2", status: "1.3.6.1.2.1.17.4.3.1.3" } },
  /** Index: filtering database, then the MAC address. */
  vlanForwarding: {
    of: "forwarding",
    rows: 4096,
    columns: { port: "1.3.6.1.2.1.17.7.1.2.2.1.2", status: "1.3.6.1.2.1.17.7.1.2.2.1.3" },
  },
  /** CISCO-VTP-MIB. Index: management domain, then the VLAN. */
  vlans: { of: "forwarding", rows: 1024, columns: { state: "1.3.6.1.4.1.9.9.46.1.3.1.1.2" } },
  /** Index: ifIndex, then the IPv4 address. */
  arp: { of: "arp", rows: 2048, columns: { mac: "1.3.6.1.2.1.4.22.1.2", type: "1.3.6.1.2.1.4.22.1.4" } },
  /** Index: ifIndex.family.length.address. */
  addresses: { of: "arp", rows: 2048, columns: { mac: "1.3.6.1.2.1.4.35.1.4", type: "1.3.6.1.2.1.4.35.1.6" } },
} as const satisfies Readonly<Record<string, TableShape>>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as readonly TableName[];

/** Variables that are read beside the tables. */
export const scalars = {
  system: "1.3.6.1.2.1.1.5.0",
  bridge: "1.3.6.1.2.1.17.1.1.0",
  chassisSubtype: "1.0.8802.1.1.2.1.3.1.0",
  chassis: "1.0.8802.1.1.2.1.3.2.0",
} as const;
export type ScalarName = keyof typeof scalars;

type TablesAlone = { readonly [T in TableName]: Cells<Extract<keyof (typeof tables)[T]["columns"], string>> };

/** What one VLAN's bridge tells: its numbers of ports are its own. */
export type BridgeTables = Pick<TablesAlone, "bridgePorts" | "forwarding">;

/** What was read of a device, before anybody makes sense of it. */
export type RawTables = TablesAlone & {
  /** Of each VLAN that has a bridge of its own. */
  readonly bridges: readonly BridgeTables[];
  readonly scalars: Partial<Readonly<Record<ScalarName, Cell>>>;
  /** Tables that have more rows than are read. */
  readonly partial: readonly TopologyTable[];
};
