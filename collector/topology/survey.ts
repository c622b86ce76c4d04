import type { AssetConfig } from "../../config/assets.ts";
import { byText } from "../../core/order.ts";
import type { Topology } from "../../core/topology.ts";
import type { LinkEnd, LinkView } from "../../core/topology-view.ts";
import { Identities, isLocal } from "./identity.ts";
import { type Claim, claimsOf, forwards, isAccess, linksOf, type Recognised, recognise } from "./links.ts";

/** What of an asset's config the survey goes by. */
export type SurveyedAsset = Pick<AssetConfig, "snmp" | "modbus" | "via">;

export interface SurveyInput {
  readonly assets: Readonly<Record<string, SurveyedAsset>>;
  /** What assets told, by their id; those of others are left aside. */
  readonly topologies: ReadonlyMap<string, Topology>;
}

/** Where an asset's MAC address was learnt. */
export interface Place extends LinkEnd {
  readonly since: number;
}

/** The network as the tables of all assets together show it. */
export interface Survey {
  readonly identities: Identities;
  readonly topologies: ReadonlyMap<string, Topology>;
  readonly neighbours: ReadonlyMap<string, readonly Recognised[]>;
  /** Links that neighbour protocols tell of, by both ends' words. */
  readonly spoken: readonly LinkView[];
  /** Access ports that an asset's MAC addresses were learnt on. */
  readonly places: ReadonlyMap<string, readonly Place[]>;
  /** Assets that pass on what is not for them, as far as anybody tells. */
  readonly switches: ReadonlySet<string>;
  /** Assets that are read at the agent's own machine. */
  readonly local: ReadonlySet<string>;
}

/** Puts together what assets told. Pure: the same tables make the same survey. */
export function surveyOf({ assets, topologies: told }: SurveyInput): Survey {
  const topologies = new Map([...told].filter(([asset]) => Object.hasOwn(assets, asset)).sort(([a], [b]) => byText(a, b)));
  const identities = new Identities({ assets, topologies });
  const neighbours = new Map([...topologies].map(([asset, topology]) => [asset, recognise(asset, topology, identities)]));
  const claims = [...topologies].flatMap(([asset, topology]) => claimsOf(asset, topology, neighbours.get(asset) ?? []));
  const local = Object.entries(assets).filter(([, asset]) => isLocal(asset));
  return {
    identities,
    topologies,
    neighbours,
    spoken: linksOf(claims),
    places: placesOf({ topologies, identities, neighbours }),
    switches: switchesOf(topologies, neighbours, claims),
    local: new Set(local.map(([asset]) => asset)),
  };
}

function placesOf({ topologies, identities, neighbours }: Pick<Survey, "topologies" | "identities" | "neighbours">): Map<string, Place[]> {
  const found = new Map<string, Map<string, Place>>();
  for (const [owner, { ports, time, partial }] of topologies) {
    // Of a table that was cut it is not known how much hangs on a port.
    if (partial.includes("forwarding")) continue;
    for (const port of ports) {
      for (const mac of port.macs) {
        const asset = identities.ofMac(mac);
        if (asset === undefined || asset === owner || !isAccess(port, asset, neighbours.get(owner) ?? [])) continue;
        const places = found.get(asset) ?? new Map<string, Place>();
        found.set(asset, places.set(JSON.stringify([owner, port.port]), { asset: owner, port: port.port, since: time }));
      }
    }
  }
  return new Map([...found].map(([asset, places]) => [asset, [...places.values()]]));
}

/** By its own forwarding table, by how many devices it is linked with, or by what it says of itself. */
function switchesOf(
  topologies: ReadonlyMap<string, Topology>,
  neighbours: ReadonlyMap<string, readonly Recognised[]>,
  claims: readonly Claim[],
): Set<string> {
  const linked = new Map<string, Set<string>>();
  const link = (a: string, b: string): unknown => linked.set(a, (linked.get(a) ?? new Set()).add(b));
  for (const { from, to } of claims) {
    link(from.asset, to);
    link(to, from.asset);
  }
  for (const [owner, all] of neighbours)
    for (const { asset, chassis, system } of all) if (asset === undefined) link(owner, `unknown ${system || chassis}`);
  const tables = [...topologies].filter(([, { ports }]) => ports.length > 1).map(([asset]) => asset);
  const words = [...neighbours.values()]
    .flat()
    .filter(forwards)
    .map(({ asset }) => asset);
  const crossings = [...linked].filter(([, others]) => others.size > 1).map(([asset]) => asset);
  return new Set([...tables, ...words.filter((asset) => asset !== undefined), ...crossings]);
}
