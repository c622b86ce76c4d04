import type { Config } from "../../config/schema.ts";
import type { LearntPort, Topology } from "../../core/topology.ts";
import type { LinkView, NeighboursView, NeighbourView, PortView, TopologyView, ViaSuggestion } from "../../core/topology-view.ts";
import type { Recognised } from "./links.ts";
import { suggestionsOf } from "./suggest.ts";
import { type Survey, surveyOf } from "./survey.ts";
import type { ToldTopologies } from "./told.ts";

type Assets = Config["assets"];

/** What is made of one state of facts and config. */
interface Made {
  readonly assets: Assets;
  readonly version: number;
  readonly survey: Survey;
  readonly links: readonly LinkView[];
  readonly suggestions: readonly ViaSuggestion[];
}

/** The network around the assets, as the API shows it. Made when it is asked for, and kept until facts or config change. */
export class TopologyBook {
  readonly #told: ToldTopologies;
  readonly #assets: () => Assets;
  #made: Made | undefined;

  constructor(told: ToldTopologies, assets: () => Assets) {
    this.#told = told;
    this.#assets = assets;
  }

  /** Undefined for an id that config does not know. */
  neighbours(asset: string): NeighboursView | undefined {
    const { assets, survey, links, suggestions } = this.#current();
    if (!Object.hasOwn(assets, asset)) return undefined;
    const topology = survey.topologies.get(asset);
    return {
      asset,
      since: topology?.time ?? null,
      ports: topology === undefined ? [] : portsOf(topology, survey.neighbours.get(asset) ?? [], survey),
      links: links.filter(({ ends }) => ends.some((end) => end.asset === asset)),
      suggestion: suggestions.find((one) => one.asset === asset) ?? null,
    };
  }

  topology(): TopologyView {
    const { assets, survey, links, suggestions } = this.#current();
    const all = Object.entries(assets).map(([id, { name }]) => ({ id, name: name ?? id, since: survey.topologies.get(id)?.time ?? null }));
    const unknown = [...survey.neighbours].flatMap(([asset, neighbours]) =>
      neighbours.filter((one) => one.asset === undefined).map((one) => unknownOf(asset, one)),
    );
    return { assets: all, links, unknown, suggestions };
  }

  #current(): Made {
    const [assets, version] = [this.#assets(), this.#told.version];
    if (this.#made?.assets === assets && this.#made.version === version) return this.#made;
    const survey = surveyOf({ assets, topologies: this.#told.all() });
    this.#made = { assets, version, survey, links: allLinks(survey), suggestions: suggestionsOf(survey, assets) };
    return this.#made;
  }
}

/** What neighbours tell, and of assets that nobody tells of, the one access port that they were learnt on. */
function allLinks({ spoken, places }: Survey): LinkView[] {
  const linked = new Set(spoken.flatMap(({ ends }) => ends.map(({ asset }) => asset)));
  const learnt = [...places].flatMap(([asset, [place, ...more]]): LinkView[] => {
    if (place === undefined || more.length > 0 || linked.has(asset)) return [];
    const { since, ...end } = place;
    return [{ ends: [end, { asset, port: "" }], by: ["forwarding"], since }];
  });
  return [...spoken, ...learnt];
}

function portsOf({ ports, stations }: Topology, neighbours: readonly Recognised[], survey: Survey): PortView[] {
  const learnt = new Map(ports.map((port) => [port.port, port]));
  const names = [...new Set([...neighbours.map(({ port }) => port), ...learnt.keys()])].sort(byPort);
  const addresses = addressesOf(survey, stations);
  return names.map((port) => ({
    port,
    neighbours: neighbours.filter((one) => one.port === port).map(neighbourOf),
    learnt: learnt.get(port)?.count ?? 0,
    stations: (learnt.get(port)?.macs ?? ([] satisfies LearntPort["macs"])).map((mac) => ({
      mac,
      addresses: addresses.get(mac) ?? [],
      asset: survey.identities.ofMac(mac) ?? null,
    })),
  }));
}

const byPort = new Intl.Collator("en", { numeric: true }).compare;
const mostAddresses = 8;

/** Addresses of MAC addresses: of the device's own ARP cache, and of everybody's. */
function addressesOf({ topologies }: Survey, own: Topology["stations"]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { mac, address } of [...own, ...[...topologies.values()].flatMap(({ stations }) => stations)]) {
    const known = found.get(mac) ?? [];
    if (known.length < mostAddresses && !known.includes(address)) known.push(address);
    found.set(mac, known);
  }
  return found;
}

function neighbourOf({ protocol, chassis, remotePort, remoteText, system, platform, addresses, roles, asset }: Recognised): NeighbourView {
  return { protocol, chassis, port: remotePort, port_text: remoteText, system, platform, addresses, roles, asset: asset ?? null };
}

function unknownOf(asset: string, one: Recognised): TopologyView["unknown"][number] {
  const { protocol, chassis, system, platform, addresses, roles, port, remotePort } = one;
  return { seen_by: { asset, port }, remote_port: remotePort, protocol, chassis, system, platform, addresses, roles };
}
