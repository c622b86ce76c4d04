import type { Clock } from "../../../core/clock.ts";
import { SourceError } from "../../../core/errors.ts";
import type { Answer } from "./answer.ts";
import { Malformed } from "./ber.ts";
import { type Channel, CommunityChannel, type Question } from "./channel.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Varbind } from "./decode.ts";
import { SecureChannel, type User } from "./engine.ts";
import { pduTag } from "./envelope.ts";
import { Undecodable } from "./faults.ts";
import type { KeyRing } from "./keys.ts";
import { encodeOid, type Span, sameSpans } from "./oid.ts";
import type { Peer, SharedSocket } from "./socket.ts";

const sysUpTime = "1.3.6.1.2.1.1.3.0";

/** Speaks to one device. One call at a time; every call ends with the signal at the latest, and rejects with SourceError. */
export interface Session {
  /** One variable for each OID, in order. */
  get(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]>;
  /** One variable for each OID, in order. */
  getNext(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]>;
  /**
   * What follows each name: variable `i` belongs to name `i % names.length`. An answer may end anywhere. Under v1, which has
   * no GETBULK, one repetition; a name that nothing follows refuses the whole request there (noSuchName).
   */
  getBulk(names: readonly Span[], repetitions: number, signal: AbortSignal): Promise<Answer>;
  /** Whether the device is there and takes our credentials: one small request, sent once. */
  probe(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Who we say we are. */
export type Credentials =
  | { readonly version: "1" | "2c"; readonly community: string }
  | ({ readonly version: "3" } & Omit<User, "name"> & { readonly user: string });

/** What all sessions of an adapter share. */
export interface Shared {
  readonly socket: SharedSocket;
  readonly deadlines: Deadlines;
  readonly ring: KeyRing;
  readonly clock: Clock;
}

export interface SessionOptions {
  readonly peer: Peer;
  /** Whom we ask, for messages: `127.0.0.1:161`. */
  readonly target: string;
  readonly credentials: Credentials;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly shared: Shared;
  readonly malformed: (what: string) => void;
  /** Told of a v3 engine when it is met. */
  readonly met: (engine: Buffer) => void;
}

/** Not talked to yet: nothing is sent before the first call. */
export function createSession(options: SessionOptions): Session {
  return new DeviceSession(options);
}

class DeviceSession implements Session {
  readonly #target: string;
  readonly #hasBulk: boolean;
  readonly #channel: Channel;
  readonly #malformed: (what: string) => void;
  /** Ends the call under way. Not kept alive until the next round by each of thousands of sessions: a signal is a kilobyte. */
  #signal: WeakRef<AbortSignal> | undefined;
  /** Why nothing more is sent. */
  #closed: SourceError | undefined;

  constructor(options: SessionOptions) {
    this.#target = options.target;
    this.#malformed = options.malformed;
    this.#hasBulk = options.credentials.version !== "1";
    this.#channel = openChannel(options);
  }

  async get(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]> {
    const names = oids.map(spanOf);
    const answer = await this.#ask({ kind: pduTag.get, names, repetitions: 0 }, signal);
    // The names are those that were asked for, byte for byte: none is decoded.
    if (answer.count === names.length && names.every((name, i) => sameSpans(name, answer.name(i)))) return answer.varbinds(oids);
    throw this.#undecodable(wrongVariables(answer, names));
  }

  async getNext(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]> {
    const names = oids.map(spanOf);
    const answer = await this.#ask({ kind: pduTag.getNext, names, repetitions: 0 }, signal);
    try {
      if (answer.count !== names.length) throw wrongVariables(answer, names);
      return answer.varbinds();
    } catch (cause) {
      throw cause instanceof Malformed ? this.#undecodable(cause) : cause;
    }
  }

  getBulk(names: readonly Span[], repetitions: number, signal: AbortSignal): Promise<Answer> {
    return this.#ask(
      this.#hasBulk ? { kind: pduTag.getBulk, names, repetitions } : { kind: pduTag.getNext, names, repetitions: 0 },
      signal,
    );
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#ask({ kind: pduTag.get, names: [spanOf(sysUpTime)], repetitions: 0, retries: 0 }, signal);
  }

  close(): void {
    if (this.#closed !== undefined) return;
    this.#closed = new SourceError("disconnected", `${this.#target}: the session is closed`);
    this.#channel.close(this.#closed);
  }

  #ask(ask: Question, signal: AbortSignal): Promise<Answer> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    this.#heed(signal);
    return signal.aborted ? Promise.reject(this.#outOfTime()) : this.#channel.ask(ask);
  }

  /** Listens to a signal once, however many calls it is for: a round's calls share theirs. */
  #heed(signal: AbortSignal): void {
    if (this.#signal?.deref() === signal) return;
    const heeded = new WeakRef(signal);
    this.#signal = heeded;
    const abort = (): void => {
      if (this.#signal === heeded) this.#channel.cancel(this.#outOfTime());
    };
    signal.addEventListener("abort", abort, { once: true });
  }

  #outOfTime(): SourceError {
    return new SourceError("timeout", `${this.#target}: the round's time is over`);
  }

  /** Counts what cannot be decoded. */
  #undecodable(cause: Malformed): Undecodable {
    this.#malformed(cause.message);
    return new Undecodable(`${this.#target}: an answer that cannot be decoded: ${cause.message}`, { cause });
  }
}

function wrongVariables(answer: Answer, names: readonly Span[]): Malformed {
  return new Malformed(`${answer.count} variables that are not the ${names.length} asked for`);
}

function openChannel(options: SessionOptions): Channel {
  const { credentials, peer, target, timeoutMs, retries, malformed, met } = options;
  const { socket, deadlines, ring, clock } = options.shared;
  const common = { peer, target, timeoutMs, retries, malformed, socket, deadlines };
  if (credentials.version !== "3") {
    const silence = "a wrong community looks the same";
    const version = credentials.version === "1" ? 0 : 1;
    return new CommunityChannel({ version, security: 0, community: credentials.community, silence, ...common });
  }
  const { user: name, auth, privacy } = credentials;
  const security = auth === undefined ? 0 : privacy === undefined ? 1 : 3;
  const silence = privacy === undefined ? "" : "a wrong privacy key looks the same";
  return new SecureChannel({ version: 3, security, silence, user: { name, ...credentials }, ring, clock, met, ...common });
}

const maxEncoded = 20_000;
const encoded = new Map<string, Span>();

/** The name of a variable as bytes; profiles name the same ones over and over. */
function spanOf(oid: string): Span {
  const known = encoded.get(oid);
  if (known !== undefined) return known;
  const bytes = encodeOid(oid);
  const span = { bytes, start: 0, end: bytes.length };
  if (encoded.size >= maxEncoded) encoded.clear();
  encoded.set(oid, span);
  return span;
}
