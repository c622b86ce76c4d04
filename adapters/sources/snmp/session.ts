import snmp from "net-snmp";
import type { Clock } from "../../../core/clock.ts";
import { messageOf, SourceError } from "../../../core/errors.ts";
import { faultOf, StaleEngine, Undecodable } from "./faults.ts";
import { type Repairable, repair } from "./repair.ts";
import type { Endpoint, Peer, SharedSocket } from "./socket.ts";

/** One variable of an answer, as the library decodes it: Counter64, Opaque and OCTET STRING are Buffers, OIDs dotted text. */
export interface Varbind {
  readonly oid: string;
  /** BER tag: 2, 4, 6, 64-68, 70, or 128-130 for "there is none". */
  readonly type: number;
  readonly value: number | string | boolean | Buffer | null;
}

/** Speaks to one device. One call at a time; every call ends with the signal at the latest, and rejects with SourceError. */
export interface Session {
  /** One variable for each OID, in order. */
  get(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]>;
  /** One variable for each OID, in order. */
  getNext(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]>;
  /** One list for each OID that was asked for, in order; a list may be short, and lists may be missing at the end. */
  getBulk(oids: readonly string[], repetitions: number, signal: AbortSignal): Promise<readonly (readonly Varbind[])[]>;
  close(): void;
}

export type AuthName = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
export type PrivacyName = "des" | "aes" | "aes256b" | "aes256r";

/** Who we say we are. */
export type Credentials =
  | { readonly version: "1" | "2c"; readonly community: string }
  | {
      readonly version: "3";
      readonly user: string;
      readonly context: string;
      readonly auth?: { readonly protocol: AuthName; readonly key: string };
      readonly privacy?: { readonly protocol: PrivacyName; readonly key: string };
    };

export interface SessionOptions {
  readonly peer: Peer;
  /** Whom we ask, for messages: `127.0.0.1:161`. */
  readonly target: string;
  readonly credentials: Credentials;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly socket: SharedSocket;
  readonly clock: Clock;
  readonly malformed: (what: string) => void;
}

const wireVersions = { "1": 0, "2c": 1, "3": 3 } as const;
const authProtocols: Readonly<Record<AuthName, number>> = { md5: 2, sha1: 3, sha224: 4, sha256: 5, sha384: 6, sha512: 7 };
const privacyProtocols: Readonly<Record<PrivacyName, number>> = { des: 2, aes: 4, aes256b: 6, aes256r: 8 };

repair(snmp as unknown as Repairable);

/** Not talked to yet: nothing is sent before the first call. */
export function createSession(options: SessionOptions): Session {
  return new LibrarySession(options);
}

type Done<T> = (error: Error | null, value?: T) => void;

class LibrarySession implements Session {
  readonly #options: SessionOptions;
  readonly #guardMs: number;
  #endpoint: Endpoint;
  #library: snmp.Session;
  /** The device has answered this library session: what it says of engines is about their state, not about our keys. */
  #answered = false;
  /** Why nothing more is sent. */
  #closed: SourceError | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    // A v3 call may be three exchanges: engine, time, request. The guard only matters where the library forgets to call back.
    const exchanges = options.credentials.version === "3" ? 3 : 1;
    this.#guardMs = options.timeoutMs * (options.retries + 1) * exchanges + 1000;
    this.#endpoint = openEndpoint(options);
    this.#library = openLibrary(options, this.#endpoint);
  }

  get(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]> {
    return this.#ask<readonly Varbind[]>(signal, (library, done) => library.get([...oids], asVarbinds(done)));
  }

  getNext(oids: readonly string[], signal: AbortSignal): Promise<readonly Varbind[]> {
    return this.#ask<readonly Varbind[]>(signal, (library, done) => library.getNext([...oids], asVarbinds(done)));
  }

  getBulk(oids: readonly string[], repetitions: number, signal: AbortSignal): Promise<readonly (readonly Varbind[])[]> {
    return this.#ask<readonly (readonly Varbind[])[]>(signal, (library, done) =>
      library.getBulk([...oids], 0, repetitions, (error, lists) => done(error, (lists ?? []) as readonly (readonly Varbind[])[])),
    );
  }

  close(): void {
    if (this.#closed !== undefined) return;
    this.#closed = new SourceError("disconnected", `${this.#options.target}: the session is closed`);
    this.#library.close();
  }

  /** The library never lets go of an engine's old clock: a stale session is replaced, and asked once more if it had worked. */
  async #ask<T>(signal: AbortSignal, start: (library: snmp.Session, done: Done<T>) => void): Promise<T> {
    const answered = this.#answered;
    try {
      return await this.#call(signal, start);
    } catch (error) {
      if (!(error instanceof StaleEngine) || this.#closed !== undefined) throw error;
      this.#renew();
      if (!answered || signal.aborted) throw error;
      return this.#call(signal, start);
    }
  }

  #renew(): void {
    this.#library.close();
    this.#answered = false;
    this.#endpoint = openEndpoint(this.#options);
    this.#library = openLibrary(this.#options, this.#endpoint);
  }

  #call<T>(signal: AbortSignal, start: (library: snmp.Session, done: Done<T>) => void): Promise<T> {
    const { target, clock } = this.#options;
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (signal.aborted) return Promise.reject(outOfTime(target));
    const [library, endpoint] = [this.#library, this.#endpoint];
    return new Promise<T>((resolve, reject) => {
      let ended = false;
      const end = (error: Error | null, value?: T): void => {
        if (ended) return;
        ended = true;
        cancelGuard();
        signal.removeEventListener("abort", abort);
        const failure = error === null ? undefined : this.#failure(error, endpoint);
        endpoint.forget();
        if (failure === undefined && value !== undefined) {
          this.#answered = true;
          resolve(value);
        } else reject(failure ?? new SourceError("malformed", `${target}: an answer without variables`));
      };
      // Cancelling ends the library's retransmissions, and its callback comes back here.
      const giveUp = (error: SourceError): void => {
        library.cancelRequests(error);
        end(error);
      };
      const abort = (): void => giveUp(outOfTime(target));
      const cancelGuard = clock.after(this.#guardMs, () => giveUp(new SourceError("timeout", `${target}: the library never came back`)));
      signal.addEventListener("abort", abort, { once: true });
      try {
        start(library, end);
      } catch (error) {
        end(error instanceof Error ? error : new Error(messageOf(error)));
      }
    });
  }

  #failure(error: Error, endpoint: Endpoint): SourceError {
    const { target, timeoutMs, retries, credentials } = this.#options;
    if (error instanceof SourceError) return error;
    if (error.name === "RequestTimedOutError") {
      const what = `${target}: no answer within ${retries + 1} x ${timeoutMs} ms`;
      if (endpoint.refused > 0)
        return new SourceError("malformed", `${what}; ${endpoint.refused} datagrams refused: ${endpoint.lastRefusal}`);
      const alike = credentials.version !== "3" ? "a wrong community" : "a wrong privacy key";
      const hint = credentials.version === "3" && credentials.privacy === undefined ? "" : ` (${alike} looks the same)`;
      return new SourceError("timeout", `${what}${hint}`, { cause: error });
    }
    const fault = faultOf(target, error);
    if (fault.fault === "malformed") this.#options.malformed(error.message);
    return fault;
  }
}

function outOfTime(target: string): SourceError {
  return new SourceError("timeout", `${target}: the round's time is over`);
}

function asVarbinds(done: Done<readonly Varbind[]>): (error: Error | null, varbinds?: snmp.Varbind[]) => void {
  return (error, varbinds) => done(error, (varbinds ?? []) as readonly Varbind[]);
}

function openEndpoint({ credentials, peer, socket, malformed }: SessionOptions): Endpoint {
  const security = credentials.version !== "3" || credentials.auth === undefined ? 0 : credentials.privacy === undefined ? 1 : 3;
  return socket.endpoint({ peer, version: wireVersions[credentials.version], security, malformed });
}

function openLibrary({ credentials, peer, target, timeoutMs, retries }: SessionOptions, endpoint: Endpoint): snmp.Session {
  const common = { port: peer.port, timeout: timeoutMs, retries, dgramModule: { createSocket: () => endpoint } };
  const library =
    credentials.version === "3"
      ? snmp.createV3Session(peer.address, userOf(credentials), { ...common, version: snmp.Version3, context: credentials.context })
      : snmp.createSession(peer.address, credentials.community, { ...common, version: wireVersions[credentials.version] });
  // Without a listener the library's `error` event ends the process. It means: these bytes cannot be decoded.
  library.on("error", (error) => {
    endpoint.refuse(messageOf(error));
    library.cancelRequests(new Undecodable(`${target}: an answer that cannot be decoded: ${messageOf(error)}`, { cause: error }));
  });
  return library;
}

function userOf({ user, auth, privacy }: Extract<Credentials, { version: "3" }>): snmp.User {
  return {
    name: user,
    level:
      auth === undefined
        ? snmp.SecurityLevel.noAuthNoPriv
        : privacy === undefined
          ? snmp.SecurityLevel.authNoPriv
          : snmp.SecurityLevel.authPriv,
    ...(auth === undefined ? {} : { authProtocol: authProtocols[auth.protocol], authKey: auth.key }),
    ...(privacy === undefined ? {} : { privProtocol: privacyProtocols[privacy.protocol], privKey: privacy.key }),
  };
}
