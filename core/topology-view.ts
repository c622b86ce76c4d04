import type { NeighbourProtocol } from "./topology.ts";

/** What saw a link: a neighbour protocol, or a MAC address learnt on a port. */
export type LinkWitness = NeighbourProtocol | "forwarding";

/** What an asset tells of the network around it, and what others tell of it. */
export interface NeighboursView {
  readonly asset: string;
  /** ms since epoch since when it has been so; null where nothing was read of it. */
  readonly since: number | null;
  readonly ports: readonly PortView[];
  /** Links of it to other assets, as it or they see them. */
  readonly links: readonly LinkView[];
  /** What its `via` might be, where it has none and the tables leave no doubt. */
  readonly suggestion: ViaSuggestion | null;
}

export interface PortView {
  /** Empty where the device does not say which. */
  readonly port: string;
  readonly neighbours: readonly NeighbourView[];
  /** MAC addresses learnt on it. */
  readonly learnt: number;
  /** Them, where they are few. */
  readonly stations: readonly { readonly mac: string; readonly addresses: readonly string[]; readonly asset: string | null }[];
}

export interface NeighbourView {
  readonly protocol: NeighbourProtocol;
  readonly chassis: string;
  readonly port: string;
  readonly port_text: string;
  readonly system: string;
  readonly platform: string;
  readonly addresses: readonly string[];
  readonly roles: readonly string[];
  /** Which asset of ours it is; null where it is none, or could be several. */
  readonly asset: string | null;
}

export interface LinkEnd {
  readonly asset: string;
  /** Empty where nobody says. */
  readonly port: string;
}

export interface LinkView {
  readonly ends: readonly [LinkEnd, LinkEnd];
  readonly by: readonly LinkWitness[];
  /** ms since epoch since when it has been seen so. */
  readonly since: number;
}

/** A line for the config: `asset` is reached through `via`. */
export interface ViaSuggestion {
  readonly asset: string;
  readonly via: readonly [string];
  /** The port of it that the asset hangs on. */
  readonly port: string;
  /** One sentence. */
  readonly reason: string;
}

/** The network as a graph. */
export interface TopologyView {
  readonly assets: readonly { readonly id: string; readonly name: string; readonly since: number | null }[];
  readonly links: readonly LinkView[];
  /** Neighbours that are no asset of ours. */
  readonly unknown: readonly (Omit<NeighbourView, "asset" | "port_text" | "port"> & {
    readonly seen_by: LinkEnd;
    readonly remote_port: string;
  })[];
  readonly suggestions: readonly ViaSuggestion[];
}
