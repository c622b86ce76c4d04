import type { Clock } from "../../../../core/clock.ts";
import type { RefusedTrap } from "../../../../core/trap.ts";
import type { BerReader } from "../ber.ts";
import { Malformed } from "../ber.ts";
import { writer } from "../channel.ts";
import { engineIdBytes, localisedKeys, type User } from "../engine.ts";
import { KeyRing } from "../keys.ts";
import { type Context, flag, type Keys, Refused, readContext, readSealed, type SealedMessage, unseal, verifySealed } from "../usm.ts";
import { isReportable, type UsmFault, writeReport, writeSecureResponse } from "./answers.ts";
import type { LocalEngine } from "./local-engine.ts";
import { type Notification, readNotification } from "./notification.ts";
import { notOne, type RefusedHere, refused } from "./refusal.ts";
import { type KnownUser, type Senders, senderOf } from "./senders.ts";
import { isInTime, TimeWindows } from "./windows.ts";

/** A notification of v3 that is what it says it is. */
export interface SecureNotification {
  readonly kind: "notification";
  readonly asset: string;
  readonly notification: Notification;
  /** Writes the Response to an inform. */
  readonly answer?: () => Buffer;
}

/** A user whose keys fit a message. */
interface Signed {
  readonly known: KnownUser;
  readonly keys: Keys;
}

/** Users of one name at one address that are tried. */
const mostTried = 4;

/**
 * SNMPv3 notifications (RFC 3414 §3.2). Of an inform our engine is the authoritative one: the sender finds it by our reports.
 * Of a trap the sender's engine is, which nobody vouches for but its user's key.
 */
export class SecureReader {
  readonly #senders: Senders;
  readonly #engine: LocalEngine;
  /** Of its own: engine ids of datagrams must not push those of devices that are polled out of theirs. */
  readonly #ring = new KeyRing();
  readonly #windows: TimeWindows;
  readonly #faults = new Map<UsmFault, number>();

  constructor({ senders, engine, clock }: { readonly senders: Senders; readonly engine: LocalEngine; readonly clock: Clock }) {
    this.#senders = senders;
    this.#engine = engine;
    this.#windows = new TimeWindows(clock);
  }

  /** Throws Malformed. */
  async read(bytes: Buffer, address: string): Promise<SecureNotification | RefusedHere> {
    const message = readSealed(bytes);
    const ours = message.engine.equals(this.#engine.id);
    // Whoever wants an answer has to know our engine; this is how it asks for it.
    if (!ours && isReportable(message))
      return this.#refuse(message, { fault: "engine", outcome: "discovery", what: "our engine's id is asked for" });
    if (message.engine.length < engineIdBytes.min || message.engine.length > engineIdBytes.max)
      throw new Malformed(`an engine id of ${message.engine.length} bytes`);
    const signed = await this.#signed(message, address);
    if ("kind" in signed) return signed;
    if (!this.#inTime(message, ours)) {
      const signer = ours ? signed.keys.signer : undefined;
      return this.#refuse(message, {
        fault: "time",
        outcome: "not_in_time",
        what: "a message that is not from now by its engine's clock",
        signer,
      });
    }
    return this.#open(message, signed);
  }

  /** The user, of those that may be meant, whose key made the digest. */
  async #signed(message: SealedMessage, address: string): Promise<Signed | RefusedHere> {
    const named = this.#senders.usersNamed(address, message.user).slice(0, mostTried);
    if (named.length === 0) return this.#refuse(message, { fault: "user", outcome: "denied", what: "an unknown user" });
    const level = message.flags & (flag.authenticated | flag.encrypted);
    const fit = named.filter(({ user }) => levelOf(user) === level);
    if (fit.length === 0)
      return this.#refuse(message, { fault: "level", outcome: "denied", what: "another security level than its user's" });
    for (const known of fit) {
      const keys = await localisedKeys({ user: known.user, ring: this.#ring }, message.engine);
      if (isSigned(message, keys)) return { known, keys };
    }
    return this.#refuse(message, { fault: "digest", outcome: "denied", what: "a wrong digest (a wrong key)" });
  }

  #inTime(message: SealedMessage, ours: boolean): boolean {
    if ((message.flags & flag.authenticated) === 0) return true;
    return ours ? isInTime(this.#engine.now(), message.at) : this.#windows.admit(message.engine, message.at);
  }

  #open(message: SealedMessage, { known, keys }: Signed): SecureNotification | RefusedHere {
    let scoped: BerReader;
    let context: Context;
    try {
      scoped = unseal(message, keys);
      context = readContext(scoped);
    } catch (error) {
      if (!(error instanceof Malformed) || keys.privacy === undefined) throw error;
      return this.#refuse(message, {
        fault: "decryption",
        outcome: "denied",
        what: "a message that cannot be decrypted (a wrong privacy key)",
      });
    }
    const notification = readNotification(scoped);
    const sender = senderOf(known);
    if (sender.kind !== "asset") return notOne(sender, "an unknown user");
    const found = { kind: "notification", asset: sender.asset, notification } as const;
    if (!notification.confirmed) return found;
    return { ...found, answer: () => writeSecureResponse(writer, { engine: this.#engine, message, keys, context }, notification) };
  }

  #refuse(
    message: SealedMessage,
    why: { readonly fault: UsmFault; readonly outcome: RefusedTrap["outcome"]; readonly what: string; readonly signer?: Keys["signer"] },
  ): RefusedHere {
    const { fault, outcome, what, signer } = why;
    const count = (this.#faults.get(fault) ?? 0) + 1;
    this.#faults.set(fault, count);
    if (!isReportable(message)) return refused(outcome, what);
    return refused(outcome, what, writeReport(writer, { engine: this.#engine, message, fault, count, signer }));
  }
}

/** msgFlags that messages of a user carry: neither less nor more than it was given keys for. */
function levelOf({ auth, privacy }: User): number {
  return (auth === undefined ? 0 : flag.authenticated) | (privacy === undefined ? 0 : flag.encrypted);
}

function isSigned(message: SealedMessage, keys: Keys): boolean {
  try {
    verifySealed(message, keys);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}
