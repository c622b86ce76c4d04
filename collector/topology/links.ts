import { byText } from "../../core/order.ts";
import { forwardingRoles, type LearntPort, type Neighbour, type Topology } from "../../core/topology.ts";
import type { LinkEnd, LinkView, LinkWitness } from "../../core/topology-view.ts";
import type { Identities } from "./identity.ts";

/** A port with more addresses than this leads to more than one end. */
const mostAtAccess = 3;

/** A neighbour, and which asset of ours it is. */
export interface Recognised extends Neighbour {
  readonly asset: string | undefined;
}

/** Neighbours of an asset with their ids; it is not its own neighbour. */
export function recognise(owner: string, { neighbours }: Topology, identities: Identities): readonly Recognised[] {
  return neighbours.map((neighbour) => {
    const { chassis, addresses, system } = neighbour;
    const found = identities.of({ macs: [chassis], addresses, names: [system] });
    return { ...neighbour, asset: found === owner ? undefined : found };
  });
}

/** One asset's word for a link to another. */
export interface Claim {
  readonly from: LinkEnd;
  readonly to: string;
  /** What the other end's port is called there, in all the ways that were heard. */
  readonly theirPort: readonly string[];
  readonly by: readonly LinkWitness[];
  readonly since: number;
}

/** What an asset's neighbour tables claim, one for each port and asset. */
export function claimsOf(owner: string, { time }: Topology, neighbours: readonly Recognised[]): Claim[] {
  const found = new Map<string, Claim>();
  for (const { asset, port, protocol, remotePort, remoteText } of neighbours) {
    if (asset === undefined) continue;
    const key = JSON.stringify([port, asset]);
    const { theirPort = [], by = [] } = found.get(key) ?? {};
    const names = [remotePort, remoteText].filter((name) => name !== "");
    found.set(key, {
      from: { asset: owner, port },
      to: asset,
      theirPort: [...theirPort, ...names],
      by: [...new Set([...by, protocol])],
      since: time,
    });
  }
  return [...found.values()];
}

/** Links of claims: what both ends tell of one cable is one link, with each end's own name of its port. */
export function linksOf(claims: readonly Claim[]): LinkView[] {
  const left = new Map<string, Claim[]>();
  for (const claim of claims) left.set(pairKey(claim), [...(left.get(pairKey(claim)) ?? []), claim]);
  return [...left.values()].flatMap(pairUp);
}

function pairKey({ from, to }: Claim): string {
  return JSON.stringify(from.asset < to ? [from.asset, to] : [to, from.asset]);
}

/** Claims between the same two assets. */
function pairUp(claims: readonly Claim[]): LinkView[] {
  const [first] = claims;
  const ours = claims.filter(({ from }) => from.asset === first?.from.asset);
  const theirs = claims.filter((claim) => !ours.includes(claim));
  const links = ours.map((claim) => {
    const only = ours.length === 1 && theirs.length === 1;
    const at = theirs.findIndex((other) => only || isSameCable(claim, other));
    const [other] = at < 0 ? [] : theirs.splice(at, 1);
    return linkOf(claim, other);
  });
  return [...links, ...theirs.map((claim) => linkOf(claim))];
}

function linkOf(claim: Claim, other?: Claim): LinkView {
  const end = other === undefined ? { asset: claim.to, port: claim.theirPort[0] ?? "" } : other.from;
  return {
    ends: [claim.from, end],
    by: [...new Set([...claim.by, ...(other?.by ?? [])])].sort(byText),
    since: Math.max(claim.since, other === undefined ? 0 : other.since),
  };
}

function isSameCable(one: Claim, other: Claim): boolean {
  const calls = (names: readonly string[], port: string): boolean => names.some((name) => shortPort(name) === shortPort(port));
  return calls(one.theirPort, other.from.port) || calls(other.theirPort, one.from.port);
}

/** `GigabitEthernet1/0/1` and `Gi1/0/1` are one port. */
function shortPort(name: string): string {
  const found = /^([a-z]+)[ -]?(\d.*)$/.exec(name.toLowerCase());
  return found === null ? name.toLowerCase() : `${found[1]?.slice(0, 2)}${found[2]}`;
}

/**
 * True for a port that an end hangs on: few addresses were learnt on it, and nobody on it, save that end itself, says that it passes
 * on what is not for it.
 */
export function isAccess(port: LearntPort, end: string, neighbours: readonly Recognised[]): boolean {
  if (port.macs.length === 0 || port.count > mostAtAccess) return false;
  return neighbours.every((one) => one.port !== port.port || one.asset === end || (one.asset === undefined && !forwards(one)));
}

/** It says so itself. */
export function forwards({ roles }: Pick<Neighbour, "roles">): boolean {
  return roles.some((role) => forwardingRoles.includes(role));
}
