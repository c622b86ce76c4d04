import { randomFillSync } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { messageOf } from "../../../core/errors.ts";
import { type Envelope, pduTag, readEnvelope } from "./envelope.ts";
import type { Address } from "./names.ts";

/** A device as a datagram sees it. */
export interface Peer extends Address {
  readonly port: number;
}

/** One device that is asked through the shared socket. */
export interface Asker {
  readonly peer: Peer;
  /** As on the wire: 0, 1 or 3. Answers in another version are refused. */
  readonly version: number;
  /** msgFlags that an answer must carry: 0 nothing, 1 authenticated, 3 authenticated and encrypted. Reports are exempt (RFC 3414 §4). */
  readonly security: number;
  /** It waits for an answer. */
  readonly waiting: boolean;
  /** A datagram that carries the id of its request, from the address that was asked, with the security that was asked for. */
  deliver(bytes: Buffer): void;
  /** A datagram for it that is not taken. */
  refuse(what: string): void;
}

const receiveBufferBytes = 1 << 20;

/**
 * One UDP socket per address family for all devices. It hands a datagram to the one that asked with its id, and only
 * where it comes from the address that was asked and carries the security that was asked for.
 */
export class SharedSocket {
  readonly #sockets = new Map<4 | 6, Socket>();
  readonly #waiting = new Map<number, Asker>();
  readonly #askers = new Map<string, Set<Asker>>();
  readonly #ids = new Uint32Array(256);
  #nextId = this.#ids.length;

  /** From now on, bytes from its peer that are no message are its to refuse. */
  add(asker: Asker): void {
    const key = peerKey(asker.peer);
    const known = this.#askers.get(key);
    if (known === undefined) this.#askers.set(key, new Set([asker]));
    else known.add(asker);
  }

  drop(asker: Asker): void {
    const key = peerKey(asker.peer);
    const known = this.#askers.get(key);
    known?.delete(asker);
    if (known?.size === 0) this.#askers.delete(key);
  }

  /** An id that no other request under way has, and that nobody can guess: 1 to 2^31 - 1. */
  newId(): number {
    for (;;) {
      if (this.#nextId === this.#ids.length) {
        randomFillSync(this.#ids);
        this.#nextId = 0;
      }
      const id = (this.#ids[this.#nextId++] ?? 0) >>> 1;
      if (id > 0 && !this.#waiting.has(id)) return id;
    }
  }

  /** Sends a request; `failed` is called where the operating system does not take it. */
  send(asker: Asker, request: { readonly id: number; readonly bytes: Buffer }, failed: (error: Error) => void): void {
    this.#waiting.set(request.id, asker);
    const { address, port, family } = asker.peer;
    try {
      this.#socket(family).send(request.bytes, port, address, (error) => {
        if (error !== null) failed(error);
      });
    } catch (error) {
      failed(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  /** Nobody waits for this id any more: what still comes is late. */
  forget(id: number): void {
    this.#waiting.delete(id);
  }

  async close(): Promise<void> {
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
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
    const asker = this.#waiting.get(envelope.id);
    if (asker === undefined) return;
    const why = refusalOf(envelope, asker, from);
    if (why === undefined) asker.deliver(bytes);
    else asker.refuse(why);
  }

  #garbage(bytes: Buffer, from: RemoteInfo): void {
    for (const asker of this.#askers.get(peerKey(from)) ?? []) {
      if (asker.waiting) asker.refuse(`${bytes.length} bytes that are not an SNMP message`);
    }
  }
}

/** Why a datagram is not the answer to what was asked with its id; undefined where it may be. */
function refusalOf(envelope: Envelope, { peer, version, security }: Asker, from: RemoteInfo): string | undefined {
  if (peer.address !== from.address || peer.port !== from.port) return `an answer from ${from.address}:${from.port}, which was not asked`;
  if (envelope.version !== version) return `an answer in version ${envelope.version} on the wire to a request in version ${version}`;
  if (envelope.pdu === pduTag.report) return undefined;
  if ((envelope.flags & security) !== security) return "an answer without the authentication or privacy that was asked for";
  if (envelope.pdu !== undefined && envelope.pdu !== pduTag.response) return `PDU 0x${envelope.pdu.toString(16)} as answer`;
  return undefined;
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
