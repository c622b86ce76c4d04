import { isIP, isIPv6, SocketAddress } from "node:net";
import type { AssetConfig } from "../../config/assets.ts";
import type { Topology } from "../../core/topology.ts";

/** What a device is known by to others. */
export interface Likeness {
  readonly macs: readonly string[];
  readonly addresses: readonly string[];
  readonly names: readonly string[];
}

export interface KnownAssets {
  readonly assets: Readonly<Record<string, Pick<AssetConfig, "snmp" | "modbus">>>;
  readonly topologies: ReadonlyMap<string, Topology>;
}

/**
 * Tells which asset of ours a device is: by its MAC address, by the address that it is configured with, by its sysName. What two
 * assets share tells nothing, and marks that speak of two different assets speak of none.
 */
export class Identities {
  readonly #byMac = new Marks();
  readonly #byAddress = new Marks();
  readonly #byName = new Marks();
  readonly #topologies: ReadonlyMap<string, Topology>;

  constructor({ assets, topologies }: KnownAssets) {
    this.#topologies = topologies;
    const hosts = new Map(Object.entries(assets).map(([asset, config]) => [asset, hostsOf(config)]));
    for (const [asset, all] of hosts) for (const host of all) (isIP(host) === 0 ? this.#byName : this.#byAddress).add(host, asset);
    for (const [asset, { self }] of topologies) {
      if (!hosts.has(asset)) continue;
      for (const mac of self.macs) this.#byMac.add(mac, asset);
      if (self.system !== "") this.#byName.add(nameOf(self.system), asset);
    }
    for (const [address, mac] of macsOfHosts([...topologies.values()])) {
      const asset = this.#byAddress.of(address);
      if (asset !== undefined) this.#byMac.add(mac, asset);
    }
  }

  /** The asset that these marks are of; undefined where there is none, or doubt. */
  of({ macs, addresses, names }: Likeness): string | undefined {
    const marks = [...macs.map((mac) => this.#byMac.of(mac)), ...addresses.map((address) => this.#byAddress.of(hostOf(address)))];
    const known = marks.filter((asset) => asset !== undefined);
    const named = names.map((name) => this.#byName.of(nameOf(name))).filter((asset) => asset !== undefined);
    // Many devices are still called what their maker called them: a name alone counts for nothing where the MAC address is another's.
    const [found] = known.length > 0 ? known : named.filter((asset) => !this.#hasOther(asset, macs));
    return [...known, ...named].every((asset) => asset === found) ? found : undefined;
  }

  #hasOther(asset: string, macs: readonly string[]): boolean {
    const own = this.#topologies.get(asset)?.self.macs ?? [];
    return own.length > 0 && macs.some((mac) => isMac(mac) && !own.includes(mac));
  }

  /** The asset whose MAC address it is, of its own word or by the address that it is configured with. */
  ofMac(mac: string): string | undefined {
    return this.#byMac.of(mac);
  }
}

/** Owners of marks. A mark of two owners has none. */
class Marks {
  readonly #owners = new Map<string, string | undefined>();

  add(mark: string, owner: string): void {
    if (mark === "") return;
    this.#owners.set(mark, this.#owners.has(mark) && this.#owners.get(mark) !== owner ? undefined : owner);
  }

  of(mark: string): string | undefined {
    return this.#owners.get(mark);
  }
}

/** MAC address of each address, where all ARP caches agree on it. */
function macsOfHosts(topologies: readonly Topology[]): [address: string, mac: string][] {
  const found = new Map<string, string | undefined>();
  for (const { stations } of topologies) {
    for (const { address, mac } of stations) {
      found.set(address, found.has(address) && found.get(address) !== mac ? undefined : mac);
    }
  }
  return [...found].flatMap(([address, mac]) => (mac === undefined ? [] : [[address, mac] as [string, string]]));
}

/** Names and addresses that config reaches an asset by. A loopback address is nobody's in a network. */
function hostsOf({ snmp, modbus }: Pick<AssetConfig, "snmp" | "modbus">): string[] {
  const all = [snmp?.host, modbus?.tcp.replace(/:\d{1,5}$/, "")].filter((host) => host !== undefined).map(hostOf);
  return all.filter((host) => !isLoopback(host));
}

/** True where an asset is read at this very machine. */
export function isLocal({ snmp, modbus }: Pick<AssetConfig, "snmp" | "modbus">): boolean {
  const all = [snmp?.host, modbus?.tcp.replace(/:\d{1,5}$/, "")].filter((host) => host !== undefined);
  return all.some((host) => isLoopback(hostOf(host)));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** A host in one form: IPv6 as RFC 5952 has it, names in lower case. */
function hostOf(text: string): string {
  const bare = text.replace(/^\[|\]$/g, "");
  return isIPv6(bare) ? new SocketAddress({ family: "ipv6", address: bare }).address : nameOf(bare);
}

function isMac(text: string): boolean {
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text);
}

function nameOf(text: string): string {
  return text.trim().toLowerCase().replace(/\.$/, "");
}
