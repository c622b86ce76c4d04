import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import { messageOf } from "../../../core/errors.ts";
import { pduTag, readEnvelope } from "./envelope.ts";
import type { Address } from "./names.ts";

/** A device as a datagram sees it. */
export interface Peer extends Address {
  readonly port: number;
}

export interface EndpointOptions {
  readonly peer: Peer;
  /** As on the wire: 0, 1 or 3. Answers in another version are dropped. */
  readonly version: number;
  /** msgFlags that an answer must carry: 0 nothing, 1 authenticated, 3 authenticated and encrypted. Reports are exempt (RFC 3414 §4). */
  readonly security: number;
  /** Told of every datagram that is dropped or cannot be decoded. */
  readonly malformed: (what: string) => void;
}

const receiveBufferBytes = 1 << 20;

/**
 * One UDP socket per address family for all devices. It hands a datagram to the endpoint that asked with its id, and
 * only where it comes from the address that was asked and carries the security that was asked for.
 */
export class SharedSocket {
  readonly #sockets = new Map<4 | 6, Socket>();
  readonly #waiting = new Map<number, Endpoint[]>();
  readonly #endpoints = new Map<string, Set<Endpoint>>();

  /** What a session of one device sends and hears through; looks like a dgram socket to it. */
  endpoint(options: EndpointOptions): Endpoint {
    const endpoint = new Endpoint(this, options);
    const key = peerKey(options.peer);
    const known = this.#endpoints.get(key);
    if (known === undefined) this.#endpoints.set(key, new Set([endpoint]));
    else known.add(endpoint);
    return endpoint;
  }

  send(endpoint: Endpoint, bytes: Buffer, done: (error: Error | null) => void): void {
    const id = readEnvelope(bytes)?.id;
    if (id !== undefined) this.#wait(id, endpoint);
    const { peer } = endpoint.options;
    try {
      this.#socket(peer.family).send(bytes, peer.port, peer.address, (error) => done(error ?? null));
    } catch (error) {
      done(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  /** The endpoint waits for none of its ids any more: what still comes is late. */
  forget(endpoint: Endpoint): void {
    for (const id of endpoint.ids) {
      const waiting = this.#waiting.get(id)?.filter((other) => other !== endpoint) ?? [];
      if (waiting.length === 0) this.#waiting.delete(id);
      else this.#waiting.set(id, waiting);
    }
    endpoint.ids.clear();
  }

  drop(endpoint: Endpoint): void {
    this.forget(endpoint);
    const key = peerKey(endpoint.options.peer);
    const known = this.#endpoints.get(key);
    known?.delete(endpoint);
    if (known?.size === 0) this.#endpoints.delete(key);
  }

  async close(): Promise<void> {
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
  }

  #wait(id: number, endpoint: Endpoint): void {
    endpoint.ids.add(id);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) this.#waiting.set(id, [endpoint]);
    else if (!waiting.includes(endpoint)) waiting.push(endpoint);
  }

  #socket(family: 4 | 6): Socket {
    const open = this.#sockets.get(family);
    if (open !== undefined) return open;
    const socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      // Addresses come resolved: dgram would ask the resolver for every packet.
      lookup: (host, _options, done) => done(null, host, family),
    });
    socket.on("message", (bytes, from) => this.#receive(bytes, from));
    socket.on("error", () => this.#broken(family, socket));
    socket.on("listening", () => widen(socket));
    socket.unref();
    this.#sockets.set(family, socket);
    return socket;
  }

  /** A socket that reported an error is replaced at the next send; what waits on it runs into its time-out. */
  #broken(family: 4 | 6, socket: Socket): void {
    if (this.#sockets.get(family) !== socket) return;
    this.#sockets.delete(family);
    socket.close();
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    const envelope = readEnvelope(bytes);
    if (envelope === undefined) {
      this.#garbage(bytes, from);
      return;
    }
    for (const endpoint of this.#waiting.get(envelope.id) ?? []) {
      const { peer, version, security } = endpoint.options;
      if (peer.address !== from.address || peer.port !== from.port) {
        endpoint.refuse(`an answer from ${from.address}:${from.port}, which was not asked`);
      } else if (envelope.version !== version) {
        endpoint.refuse(`an answer in version ${envelope.version} on the wire to a request in version ${version}`);
      } else if (envelope.pdu !== pduTag.report && (envelope.flags & security) !== security) {
        endpoint.refuse("an answer without the authentication or privacy that was asked for");
      } else if (envelope.pdu !== undefined && envelope.pdu !== pduTag.response && envelope.pdu !== pduTag.report) {
        endpoint.refuse(`PDU 0x${envelope.pdu.toString(16)} as answer`);
      } else {
        endpoint.deliver(bytes);
      }
    }
  }

  #garbage(bytes: Buffer, from: RemoteInfo): void {
    for (const endpoint of this.#endpoints.get(peerKey(from)) ?? []) {
      if (endpoint.ids.size > 0) endpoint.refuse(`${bytes.length} bytes that are not an SNMP message`);
    }
  }
}

/** One device's share of the socket. Events: `message` (bytes), `close`. */
export class Endpoint extends EventEmitter {
  readonly options: EndpointOptions;
  /** Ids of requests that were sent and not answered yet. */
  readonly ids = new Set<number>();
  /** Datagrams refused since the last `forget`, and what was wrong with the last one. */
  refused = 0;
  lastRefusal = "";
  readonly #shared: SharedSocket;

  constructor(shared: SharedSocket, options: EndpointOptions) {
    super();
    this.#shared = shared;
    this.options = options;
  }

  /** As dgram's: the device is the endpoint's, whatever port and address say. */
  send(bytes: Buffer, _offset: number, _length: number, _port: number, _address: string, done: (error: Error | null) => void): void {
    this.#shared.send(this, bytes, done);
  }

  deliver(bytes: Buffer): void {
    try {
      this.emit("message", bytes);
    } catch (error) {
      this.refuse(messageOf(error));
    }
  }

  /** Counts a datagram that is not taken. */
  refuse(what: string): void {
    this.refused++;
    this.lastRefusal = what;
    this.options.malformed(what);
  }

  forget(): void {
    this.#shared.forget(this);
    this.refused = 0;
  }

  close(): void {
    this.#shared.drop(this);
    this.emit("close");
  }

  // The shared socket holds no process open; requests do, by their timers.
  ref(): void {}
  unref(): void {}
}

function widen(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // The operating system's default then: fewer answers fit between two turns of the loop.
  }
}

function peerKey(peer: { readonly address: string; readonly port: number }): string {
  return `${peer.address}|${peer.port}`;
}
