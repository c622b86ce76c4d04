/** What a device says of the network around it: its neighbours, what hangs on its ports, and what it is called itself. */
export interface Topology {
  /** ms since epoch when it was found to be so. */
  readonly time: number;
  readonly self: TopologySelf;
  readonly neighbours: readonly Neighbour[];
  /** Ports of its forwarding table that something was learnt on, by name. */
  readonly ports: readonly LearntPort[];
  /** Its ARP and neighbour-discovery caches. */
  readonly stations: readonly Station[];
  /** Tables that were longer than what is read of them. */
  readonly partial: readonly TopologyTable[];
}

export const topologyTables = ["lldp", "cdp", "forwarding", "arp", "interfaces"] as const;
export type TopologyTable = (typeof topologyTables)[number];

/** What others may know the device by. MAC addresses are `00:1b:21:0a:0b:0c` throughout. */
export interface TopologySelf {
  /** sysName. */
  readonly system: string;
  /** Of its chassis, its bridge and its interfaces. */
  readonly macs: readonly string[];
}

export const neighbourProtocols = ["lldp", "cdp"] as const;
export type NeighbourProtocol = (typeof neighbourProtocols)[number];

/** What a device at the other end of a port says of itself. Every text is hostile. */
export interface Neighbour {
  readonly protocol: NeighbourProtocol;
  /** Our port's name; empty where the table does not say which. */
  readonly port: string;
  /** Chassis id: a MAC address, a network address or text. */
  readonly chassis: string;
  /** Its port, as it names it: id, and description where that is another. */
  readonly remotePort: string;
  readonly remoteText: string;
  readonly system: string;
  /** What it is made of: model, or the first line of its description. */
  readonly platform: string;
  /** Addresses to manage it by. */
  readonly addresses: readonly string[];
  /** What it says that it does: `bridge`, `router`, `telephone` ... */
  readonly roles: readonly string[];
}

/** A port of a forwarding table. Ports with many addresses lead to other switches: of those only the number is kept. */
export interface LearntPort {
  readonly port: string;
  /** How many addresses were learnt on it. */
  readonly count: number;
  /** Them, where they are few (`topologyLimits.listed`); else empty. */
  readonly macs: readonly string[];
}

export interface Station {
  readonly mac: string;
  readonly address: string;
}

/** Bounds of what is kept of one device. */
export const topologyLimits = { text: 255, neighbours: 512, addresses: 8, ports: 1024, listed: 8, stations: 2048, macs: 512 } as const;

/** Roles of devices that pass on what is not for them. */
export const forwardingRoles: readonly string[] = ["bridge", "router", "repeater", "access point", "switch"];
