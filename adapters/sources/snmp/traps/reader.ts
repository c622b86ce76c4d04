import type { Clock } from "../../../../core/clock.ts";
import { TokenBucket } from "../../../../core/token-bucket.ts";
import type { Trap } from "../../../../core/trap.ts";
import { BerReader, Malformed, tag } from "../ber.ts";
import { writer } from "../channel.ts";
import { writeCommunityResponse } from "./answers.ts";
import type { TrapBook } from "./book.ts";
import type { LocalEngine } from "./local-engine.ts";
import { type Notification, readNotification } from "./notification.ts";
import { notOne, type RefusedHere, refused } from "./refusal.ts";
import { SecureReader } from "./secure-reader.ts";
import type { Senders } from "./senders.ts";

/** A datagram as it is understood. */
export type Heard =
  | {
      readonly kind: "trap";
      readonly trap: Trap;
      readonly confirmed: boolean;
      /** request-id. */
      readonly id: number;
      /** Writes the Response to an inform. */
      readonly answer?: () => Buffer;
    }
  | RefusedHere;

export interface TrapReaderOptions {
  readonly senders: Senders;
  readonly book: TrapBook;
  readonly engine: LocalEngine;
  readonly clock: Clock;
}

/** Datagrams that are looked into at all: digests cost, and whoever forges an address pays nothing. */
const looks = { burst: 2000, perSecond: 500 } as const;

/** Turns datagrams into traps of assets; whatever cannot be one is refused, with its reason. */
export class TrapReader {
  readonly #options: TrapReaderOptions;
  readonly #secure: SecureReader;
  readonly #looks: TokenBucket;

  constructor(options: TrapReaderOptions) {
    this.#options = options;
    this.#secure = new SecureReader(options);
    this.#looks = new TokenBucket(looks, options.clock);
  }

  async read(bytes: Buffer, address: string): Promise<Heard> {
    if (!this.#options.senders.knows(address)) return refused("unknown_sender", "no asset is there");
    if (!this.#looks.take()) return refused("overload", "more datagrams than are looked into");
    try {
      const version = versionOf(bytes);
      if (version === 3) return await this.#ofSecure(bytes, address);
      if (version === 0 || version === 1) return this.#ofCommunity(bytes, { address, version });
      return refused("malformed", `version ${version} on the wire`);
    } catch (error) {
      if (error instanceof Malformed) return refused("malformed", error.message);
      throw error;
    }
  }

  #ofCommunity(bytes: Buffer, { address, version }: { readonly address: string; readonly version: 0 | 1 }): Heard {
    const whole = new BerReader(bytes);
    const end = whole.open(tag.sequence);
    const reader = new BerReader(bytes, whole.at, end);
    reader.int();
    const community = reader.octets();
    const notification = readNotification(reader);
    const sender = this.#options.senders.ofCommunity(address, community);
    if (sender.kind !== "asset") return notOne(sender, "a wrong community");
    const heard = this.#heard(sender.asset, notification);
    if (version === 0 || !notification.confirmed) return { ...heard, confirmed: false };
    return { ...heard, answer: () => writeCommunityResponse(writer, community, notification) };
  }

  async #ofSecure(bytes: Buffer, address: string): Promise<Heard> {
    const found = await this.#secure.read(bytes, address);
    if (found.kind === "refused") return found;
    const heard = this.#heard(found.asset, found.notification);
    return found.answer === undefined ? heard : { ...heard, answer: found.answer };
  }

  #heard(asset: string, notification: Notification): Extract<Heard, { kind: "trap" }> {
    const { book, clock } = this.#options;
    const trap = { asset, time: clock.now(), ...book.meaningOf(notification) };
    return { kind: "trap", trap, confirmed: notification.confirmed, id: notification.id };
  }
}

function versionOf(bytes: Buffer): number {
  const whole = new BerReader(bytes);
  whole.open(tag.sequence);
  return whole.int();
}
