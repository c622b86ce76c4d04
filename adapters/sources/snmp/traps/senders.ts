import type { SnmpConfig } from "../../../../config/assets.ts";
import type { TrapPortConfig } from "../../../../config/traps.ts";
import type { Clock } from "../../../../core/clock.ts";
import { credentialsOf } from "../credentials.ts";
import type { User } from "../engine.ts";
import type { Names } from "../names.ts";
import type { Credentials } from "../session.ts";

/** An asset that may send traps. */
export interface TrapAsset {
  readonly asset: string;
  readonly spec: SnmpConfig;
}

/** Whose credentials they are. */
export type Sender =
  | { readonly kind: "asset"; readonly asset: string }
  | { readonly kind: "denied" }
  /** Several assets at one address fit. */
  | { readonly kind: "ambiguous"; readonly assets: readonly string[] };

/** A user of version 3, and the assets at an address that it may speak for. */
export interface KnownUser {
  readonly user: User;
  readonly assets: readonly string[];
}

/** How long a secret that was read is used without reading it again. */
const freshMs = 60_000;
/** Names that are looked up at once. */
const atOnce = 16;
const denied: Sender = { kind: "denied" };

/** Who may send traps from where: each asset from its own addresses, with its own credentials or those of the port. */
export class Senders {
  readonly #names: Names;
  readonly #clock: Clock;
  readonly #port: TrapPortConfig;
  #byAddress = new Map<string, readonly Candidate[]>();
  /** How often assets were to be placed. */
  #placings = 0;
  #shared: { readonly at: number; readonly communities: readonly Buffer[]; readonly users: readonly User[] } | undefined;

  constructor({ names, clock, port }: { readonly names: Names; readonly clock: Clock; readonly port: TrapPortConfig }) {
    this.#names = names;
    this.#clock = clock;
    this.#port = port;
  }

  /** Looks up where these assets are; names that cannot be resolved are left out. */
  async place(assets: readonly TrapAsset[]): Promise<void> {
    const turn = ++this.#placings;
    const placed = new Map<string, Candidate[]>();
    for (let from = 0; from < assets.length; from += atOnce) {
      await Promise.all(assets.slice(from, from + atOnce).map((one) => this.#placeOne(one, placed)));
    }
    // Names may take long: who was asked for later may be known sooner.
    if (turn === this.#placings) this.#byAddress = placed;
  }

  /** True where an asset is there: anybody else is not listened to. */
  knows(address: string): boolean {
    return this.#byAddress.has(address);
  }

  /** Whose trap of v1 or v2c this is. */
  ofCommunity(address: string, community: Uint8Array): Sender {
    const here = this.#byAddress.get(address) ?? [];
    const own = here.filter((one) => {
      const credentials = one.credentials(this.#clock);
      return (
        credentials !== undefined && credentials.version !== "3" && Buffer.compare(Buffer.from(credentials.community), community) === 0
      );
    });
    if (own.length > 0) return oneOf(own.map(({ asset }) => asset));
    const shared = this.#sharedNow().communities.some((known) => Buffer.compare(known, community) === 0);
    return shared ? oneOf(here.map(({ asset }) => asset)) : denied;
  }

  /** Users of this name that may send from there, an asset's own before those of the port. */
  usersNamed(address: string, name: Uint8Array): readonly KnownUser[] {
    const here = this.#byAddress.get(address) ?? [];
    const isNamed = (user: User): boolean => Buffer.compare(Buffer.from(user.name), name) === 0;
    const own = here.flatMap((one) => {
      const credentials = one.credentials(this.#clock);
      if (credentials?.version !== "3") return [];
      const user = { ...credentials, name: credentials.user };
      return isNamed(user) ? [{ user, assets: [one.asset] }] : [];
    });
    const shared = this.#sharedNow().users.filter(isNamed);
    const all = here.map(({ asset }) => asset);
    return merged(
      own,
      shared.map((user) => ({ user, assets: all })),
    );
  }

  async #placeOne({ asset, spec }: TrapAsset, placed: Map<string, Candidate[]>): Promise<void> {
    const addresses = await Promise.all([spec.host, ...spec.traps_from].map((host) => this.#names.resolve(host).catch(() => undefined)));
    const candidate = new Candidate(asset, spec);
    for (const address of new Set(addresses.flatMap((one) => one?.address ?? []))) {
      const known = placed.get(address);
      if (known === undefined) placed.set(address, [candidate]);
      else known.push(candidate);
    }
  }

  #sharedNow(): { readonly communities: readonly Buffer[]; readonly users: readonly User[] } {
    const now = this.#clock.monotonic();
    if (this.#shared === undefined || now - this.#shared.at > freshMs) {
      const communities = this.#port.communities.flatMap((secret) => readable(() => Buffer.from(secret.reveal())) ?? []);
      const users = this.#port.users.flatMap((user) => readable(() => userOf(user)) ?? []);
      this.#shared = { at: now, communities, users };
    }
    return this.#shared;
  }
}

/** One asset at an address. Its secrets are read when a trap comes from there, and again after a minute: rotated files count. */
class Candidate {
  readonly asset: string;
  readonly #spec: SnmpConfig;
  #credentials: Credentials | undefined;
  #at = Number.NEGATIVE_INFINITY;

  constructor(asset: string, spec: SnmpConfig) {
    this.asset = asset;
    this.#spec = spec;
  }

  credentials(clock: Clock): Credentials | undefined {
    const now = clock.monotonic();
    if (now - this.#at > freshMs) {
      this.#credentials = readable(() => credentialsOf(this.#spec, this.asset));
      this.#at = now;
    }
    return this.#credentials;
  }
}

/** A secret that cannot be read lets nobody in; the poller says why it cannot. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** As of an asset that is asked in version 3 with these. */
function userOf({ user: name, auth, privacy }: TrapPortConfig["users"][number]): User | undefined {
  const credentials = credentialsOf({ version: "3", user: name, auth, privacy }, `agent.traps user ${name}`);
  return credentials.version === "3" ? { ...credentials, name } : undefined;
}

function oneOf(assets: readonly string[]): Sender {
  const [asset, ...others] = assets;
  if (asset === undefined) return denied;
  return others.length === 0 ? { kind: "asset", asset } : { kind: "ambiguous", assets };
}

/** Users with the same name and keys are one user, of all these assets; the port's user of the same is no other. */
function merged(own: readonly KnownUser[], shared: readonly KnownUser[]): readonly KnownUser[] {
  const byKeys = new Map<string, KnownUser>();
  const keyOf = ({ user: { auth, privacy } }: KnownUser): string => JSON.stringify([auth, privacy]);
  for (const one of own) byKeys.set(keyOf(one), { ...one, assets: [...(byKeys.get(keyOf(one))?.assets ?? []), ...one.assets] });
  for (const one of shared) if (!byKeys.has(keyOf(one))) byKeys.set(keyOf(one), one);
  return [...byKeys.values()];
}

/** The asset that a user speaks for. */
export function senderOf({ assets }: KnownUser): Sender {
  return oneOf(assets);
}
