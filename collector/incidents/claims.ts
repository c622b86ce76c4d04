import type { Hurt } from "./hurt.ts";

/** An open incident as far as claims go. Incidents are compared by `seq`: the older one has the smaller. */
export interface Claimant {
  readonly seq: number;
  /** Causes that it owns. */
  readonly causes: Iterable<string>;
  /** Services that it hurts now. */
  readonly services: Iterable<string>;
}

/** Causes and the services they hurt, of one incident. */
export interface Claim {
  /** The incident that was open before; undefined for a new one. */
  readonly seq: number | undefined;
  readonly causes: ReadonlySet<string>;
  readonly services: readonly Hurt[];
}

/**
 * Divides causes among incidents: each has one owner, and an incident hurts every service that blames one of its causes.
 * A cause that turns a service red is a new incident, together with the causes that the service cannot do without (smallest
 * sets first: of a line and the plant above it, the line says what belongs together). One that hurts only services which are
 * red already goes to the incident they have: an update, not another incident. Order of services does not matter.
 */
export function claim(open: readonly Claimant[], hurt: readonly Hurt[]): readonly Claim[] {
  const owners = new Owners();
  const homes = new Map<string, number>();
  for (const { seq, causes, services } of [...open].sort((a, b) => a.seq - b.seq)) {
    for (const cause of causes) owners.set(cause, seq);
    for (const service of services) if (!homes.has(service)) homes.set(service, seq);
  }
  const newcomers = bySize(hurt.filter(({ id }) => !homes.has(id)));
  for (const size of [...newcomers.keys()].sort((a, b) => a - b)) owners.settle(newcomers.get(size) ?? []);
  for (const { id, causes } of hurt) {
    const home = homes.get(id);
    if (home !== undefined) owners.offer(causes, home);
  }
  owners.accept();
  return owners.claims(hurt);
}

function bySize(services: readonly Hurt[]): ReadonlyMap<number, readonly Hurt[]> {
  const sizes = new Map<number, Hurt[]>();
  for (const service of services) {
    const same = sizes.get(service.causes.length);
    if (same === undefined) sizes.set(service.causes.length, [service]);
    else same.push(service);
  }
  return sizes;
}

/** Owner of each cause: the seq of an open incident, or a number from `firstNew` on for a new one. */
class Owners {
  readonly #owner = new Map<string, number>();
  readonly #offers = new Map<string, number>();
  #next = firstNew;

  set(cause: string, owner: number): void {
    this.#owner.set(cause, owner);
  }

  /** Services that are newly red, all with as many causes: what hangs together by free causes goes to one incident. */
  settle(services: readonly Hurt[]): void {
    const groups = new Groups();
    for (const { causes } of services) {
      const free = causes.filter((cause) => !this.#owner.has(cause));
      const owned = causes.map((cause) => this.#owner.get(cause) ?? Number.POSITIVE_INFINITY);
      if (free.length > 0) groups.join(free, Math.min(...owned));
    }
    for (const { members, anchor } of groups.all()) {
      const owner = Number.isFinite(anchor) ? anchor : this.#next++;
      for (const cause of members) this.#owner.set(cause, owner);
    }
  }

  /** What nobody owns may go to this incident; the oldest that it is offered to gets it. */
  offer(causes: readonly string[], owner: number): void {
    for (const cause of causes) {
      if (!this.#owner.has(cause)) this.#offers.set(cause, Math.min(owner, this.#offers.get(cause) ?? owner));
    }
  }

  accept(): void {
    for (const [cause, owner] of this.#offers) this.#owner.set(cause, owner);
  }

  claims(hurt: readonly Hurt[]): readonly Claim[] {
    const claims = new Map<number, { causes: Set<string>; services: Set<Hurt> }>();
    for (const service of hurt) {
      for (const cause of service.causes) {
        const owner = this.#owner.get(cause) ?? 0;
        const one = claims.get(owner) ?? { causes: new Set(), services: new Set() };
        claims.set(owner, one);
        one.causes.add(cause);
        one.services.add(service);
      }
    }
    return [...claims]
      .sort(([a], [b]) => a - b)
      .map(([owner, { causes, services }]) => ({ seq: owner < firstNew ? owner : undefined, causes, services: [...services] }));
  }
}

/** Above every seq that a plant will ever reach. */
const firstNew = 2 ** 50;

/** Sets that grow together where they share a member (union-find), each with the smallest anchor of its parts. */
class Groups {
  readonly #parent = new Map<string, string>();
  readonly #anchor = new Map<string, number>();

  join(members: readonly string[], anchor: number): void {
    const [first] = members;
    if (first === undefined) return;
    for (const member of members) this.#unite(first, member);
    const root = this.#root(first);
    this.#anchor.set(root, Math.min(anchor, this.#anchor.get(root) ?? anchor));
  }

  all(): readonly { readonly members: readonly string[]; readonly anchor: number }[] {
    const groups = new Map<string, string[]>();
    for (const member of this.#parent.keys()) {
      const root = this.#root(member);
      const members = groups.get(root);
      if (members === undefined) groups.set(root, [member]);
      else members.push(member);
    }
    return [...groups].map(([root, members]) => ({ members, anchor: this.#anchor.get(root) ?? Number.POSITIVE_INFINITY }));
  }

  #unite(a: string, b: string): void {
    const [one, other] = [this.#root(a), this.#root(b)];
    if (one === other) return;
    this.#parent.set(other, one);
    const anchors = [this.#anchor.get(one), this.#anchor.get(other)].filter((anchor) => anchor !== undefined);
    if (anchors.length > 0) this.#anchor.set(one, Math.min(...anchors));
  }

  #root(member: string): string {
    let at = member;
    for (let up = this.#parent.get(at); up !== undefined && up !== at; up = this.#parent.get(at)) {
      this.#parent.set(at, this.#parent.get(up) ?? up);
      at = up;
    }
    if (!this.#parent.has(at)) this.#parent.set(at, at);
    return at;
  }
}
