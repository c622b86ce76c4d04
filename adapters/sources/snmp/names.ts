import { lookup } from "node:dns/promises";
import { isIP, SocketAddress } from "node:net";
import type { Clock } from "../../../core/clock.ts";

export interface Address {
  /** As the operating system writes it, so that it compares with the source of a datagram. */
  readonly address: string;
  readonly family: 4 | 6;
}

interface Known {
  readonly address: Address;
  /** When the resolver last answered, monotonic ms. */
  at: number;
}

type Resolver = (host: string) => Promise<{ readonly address: string; readonly family: number }>;

/** How long a resolved name is used without asking again, ms. */
const freshMs = 60_000;

/**
 * Addresses of hosts by name. A name that cannot be resolved any more keeps the address it had; and whoever has one does not wait
 * for the resolver, for one that hangs would blind us to every device that is known by its name.
 */
export class Names {
  readonly #clock: Clock;
  readonly #resolver: Resolver;
  readonly #known = new Map<string, Known>();
  /** Questions under way. */
  readonly #asking = new Map<string, Promise<Address>>();

  constructor(clock: Clock, resolver: Resolver = (host) => lookup(host)) {
    this.#clock = clock;
    this.#resolver = resolver;
  }

  /** Rejects with what the resolver says where it does not know the name, and never did. */
  async resolve(host: string): Promise<Address> {
    const family = isIP(host);
    if (family !== 0) return literal(host, family === 6 ? 6 : 4);
    const known = this.#known.get(host);
    if (known === undefined) return this.#ask(host);
    if (this.#clock.monotonic() - known.at >= freshMs) void this.#askAgain(host, known);
    return known.address;
  }

  async #askAgain(host: string, known: Known): Promise<void> {
    try {
      await this.#ask(host);
    } catch {
      known.at = this.#clock.monotonic();
    }
  }

  #ask(host: string): Promise<Address> {
    const asking = this.#asking.get(host) ?? this.#look(host).finally(() => this.#asking.delete(host));
    this.#asking.set(host, asking);
    return asking;
  }

  async #look(host: string): Promise<Address> {
    const found = await this.#resolver(host);
    const address: Address = { address: found.address, family: found.family === 6 ? 6 : 4 };
    this.#known.set(host, { address, at: this.#clock.monotonic() });
    return address;
  }
}

function literal(host: string, family: 4 | 6): Address {
  return { address: new SocketAddress({ address: host, family: family === 6 ? "ipv6" : "ipv4" }).address, family };
}
