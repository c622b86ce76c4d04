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
  readonly at: number;
}

/** How long a resolved name is used without asking again, ms. */
const freshMs = 60_000;

/** Addresses of hosts by name. A name that cannot be resolved any more keeps the address it had. */
export class Names {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects with what the resolver says where it does not know the name, and never did. */
  async resolve(host: string): Promise<Address> {
    const family = isIP(host);
    if (family !== 0) return literal(host, family === 6 ? 6 : 4);
    const known = this.#known.get(host);
    if (known !== undefined && this.#clock.monotonic() - known.at < freshMs) return known.address;
    try {
      const found = await lookup(host);
      const address: Address = { address: found.address, family: found.family === 6 ? 6 : 4 };
      this.#known.set(host, { address, at: this.#clock.monotonic() });
      return address;
    } catch (cause) {
      if (known === undefined) throw cause;
      return known.address;
    }
  }
}

function literal(host: string, family: 4 | 6): Address {
  return { address: new SocketAddress({ address: host, family: family === 6 ? "ipv6" : "ipv4" }).address, family };
}
