import { messageOf, SourceError } from "../../../core/errors.ts";
import { Malformed } from "./ber.ts";
import type { Deadlines, Timed } from "./deadlines.ts";
import { Undecodable, unsent } from "./faults.ts";
import type { Asker, Peer, SharedSocket } from "./socket.ts";
import { Refused } from "./usm.ts";

export interface ExchangeOptions {
  readonly peer: Peer;
  /** Whom we ask, for messages. */
  readonly target: string;
  readonly version: 0 | 1 | 3;
  /** See Asker. */
  readonly security: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly socket: SharedSocket;
  readonly deadlines: Deadlines;
  readonly malformed: (what: string) => void;
  /** What else silence may mean. */
  readonly silence: string;
}

/** A request. `read` turns a datagram into what was asked for; it throws Refused or Malformed, or SourceError where the device refuses. */
export interface Sent<T> {
  readonly id: number;
  readonly bytes: Buffer;
  readonly read: (bytes: Buffer) => T;
  /** How often it is sent again; as the options say where it is not given. */
  readonly retries: number | undefined;
  /** What becomes of it where it fails: another try, or the same error. */
  readonly recover?: ((error: SourceError) => Promise<T>) | undefined;
}

/** One that is under way. */
interface Pending<T> extends Sent<T> {
  readonly retries: number;
  // A method, so that one of any kind is a Pending<unknown>.
  resolve(answer: T | Promise<T>): void;
  readonly reject: (error: SourceError) => void;
}

/** Request and answer with one device, one at a time: sent again while it is silent, and every call ends. */
export class Exchange implements Asker, Timed {
  readonly peer: Peer;
  readonly version: number;
  readonly security: number;
  due: number | undefined = undefined;
  seenAt: number | undefined = undefined;
  readonly #options: ExchangeOptions;
  #pending: Pending<unknown> | undefined;
  #triesLeft = 0;
  /** Datagrams refused in this exchange, and what was wrong with the last. */
  #refused = 0;
  #lastRefusal = "";

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.peer = options.peer;
    this.version = options.version;
    this.security = options.security;
    options.socket.add(this);
  }

  get waiting(): boolean {
    return this.#pending !== undefined;
  }

  run<T>(sent: Sent<T>): Promise<T> {
    const { retries = this.#options.retries } = sent;
    return new Promise((resolve, reject) => {
      const { id, bytes, read, recover } = sent;
      const pending: Pending<T> = { id, bytes, read, recover, retries, resolve, reject };
      this.#pending = pending;
      this.#triesLeft = retries;
      this.#refused = 0;
      this.#send(pending);
    });
  }

  deliver(bytes: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    let answer: unknown;
    try {
      answer = pending.read(bytes);
    } catch (error) {
      this.#unreadable(error);
      return;
    }
    this.#end(pending);
    pending.resolve(answer);
  }

  refuse(what: string): void {
    this.#refused++;
    this.#lastRefusal = what;
    this.#options.malformed(what);
  }

  expire(): void {
    if (this.#pending === undefined) return;
    if (this.#triesLeft-- > 0) this.#send(this.#pending);
    else this.cancel(this.#timedOut(this.#pending.retries));
  }

  /** Ends what is under way with this error. */
  cancel(error: SourceError): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#end(pending);
    if (pending.recover === undefined) pending.reject(error);
    else pending.resolve(pending.recover(error));
  }

  close(error: SourceError): void {
    this.cancel(error);
    this.#options.socket.drop(this);
  }

  #send(pending: Pending<unknown>): void {
    const { socket, deadlines, timeoutMs, target } = this.#options;
    deadlines.set(this, timeoutMs);
    socket.send(this, pending, (error) => {
      if (this.#pending === pending) this.cancel(unsent(target, error));
    });
  }

  #end(pending: Pending<unknown>): void {
    this.#pending = undefined;
    this.#options.deadlines.clear(this);
    this.#options.socket.forget(pending.id);
  }

  /** The answer may be a stranger's, then the right one may follow; or the device's own, and it would say the same again. */
  #unreadable(error: unknown): void {
    if (error instanceof Refused) {
      this.refuse(error.message);
      return;
    }
    if (error instanceof SourceError) {
      this.cancel(error);
      return;
    }
    const what = error instanceof Malformed ? error.message : messageOf(error);
    this.#options.malformed(what);
    this.cancel(new Undecodable(`${this.#options.target}: an answer that cannot be decoded: ${what}`, { cause: error }));
  }

  #timedOut(retries: number): SourceError {
    const { target, timeoutMs, silence } = this.#options;
    const what = `${target}: no answer within ${retries + 1} x ${timeoutMs} ms`;
    if (this.#refused > 0) return new SourceError("malformed", `${what}; ${this.#refused} datagrams refused: ${this.#lastRefusal}`);
    return new SourceError("timeout", `${what}${silence === "" ? "" : ` (${silence})`}`);
  }
}
