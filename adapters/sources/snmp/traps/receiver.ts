import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP } from "node:net";
import { loadTrapProfiles } from "../../../../config/trap-profile.ts";
import type { TrapPortConfig } from "../../../../config/traps.ts";
import { type Clock, pause } from "../../../../core/clock.ts";
import { messageOf } from "../../../../core/errors.ts";
import type { Log } from "../../../../core/log.ts";
import type { TrapListener } from "../../../../core/trap.ts";
import { Names } from "../names.ts";
import { TrapBook } from "./book.ts";
import { openLocalEngine } from "./local-engine.ts";
import { TrapReader } from "./reader.ts";
import { Repeats } from "./repeats.ts";
import { Senders, type TrapAsset } from "./senders.ts";

export interface TrapReceiverOptions {
  readonly port: TrapPortConfig;
  /** File of our own engine's id and boots. */
  readonly engineFile: string;
  readonly listener: TrapListener;
  readonly clock: Clock;
  readonly log: Log;
}

/** Hears traps and informs on one UDP port. */
export interface TrapReceiver {
  /** The port that is open; 0 while it is not. */
  readonly port: number;
  /** Who may send, from now on. */
  hear(assets: readonly TrapAsset[]): Promise<void>;
  close(): Promise<void>;
}

const placeEveryMs = 60_000;
const retryMs = 10_000;
const receiveBufferBytes = 1 << 22;

/** Opens the port, now or as soon as it can be had. Never rejects: an agent without traps still polls. */
export async function openTrapReceiver(options: TrapReceiverOptions): Promise<TrapReceiver> {
  const receiver = new UdpReceiver(options);
  await receiver.open();
  return receiver;
}

class UdpReceiver implements TrapReceiver {
  readonly #options: TrapReceiverOptions;
  readonly #senders: Senders;
  readonly #reader: TrapReader;
  readonly #repeats: Repeats;
  readonly #closing = new AbortController();
  #assets: readonly TrapAsset[] = [];
  #socket: Socket | undefined;
  #opening: Promise<void> = Promise.resolve();
  #cancelPlacing = (): void => {};

  constructor(options: TrapReceiverOptions) {
    const { port, clock, engineFile } = options;
    this.#options = options;
    this.#senders = new Senders({ names: new Names(clock), clock, port });
    this.#reader = new TrapReader({
      senders: this.#senders,
      book: new TrapBook(loadTrapProfiles()),
      engine: openLocalEngine(engineFile, clock),
      clock,
    });
    this.#repeats = new Repeats(clock);
  }

  get port(): number {
    return this.#socket?.address().port ?? 0;
  }

  async hear(assets: readonly TrapAsset[]): Promise<void> {
    this.#assets = assets;
    this.#cancelPlacing();
    await this.#senders.place(assets);
    if (this.#closing.signal.aborted) return;
    this.#cancelPlacing();
    this.#cancelPlacing = this.#options.clock.after(placeEveryMs, () => void this.hear(this.#assets));
  }

  async open(): Promise<void> {
    if (!(await this.#bind())) this.#opening = this.#openLater();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelPlacing();
    await this.#opening;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  async #openLater(): Promise<void> {
    const { clock } = this.#options;
    do await pause(clock, retryMs, this.#closing.signal);
    while (!this.#closing.signal.aborted && !(await this.#bind()));
  }

  async #bind(): Promise<boolean> {
    const { log, port } = this.#options;
    try {
      this.#socket = await bound(port.listen);
    } catch (error) {
      log.error({ listen: port.listen, error: messageOf(error) }, "traps are not heard: the port cannot be had, it is tried again");
      return false;
    }
    this.#socket.on("message", (bytes, from) => void this.#receive(bytes, from));
    this.#socket.on("error", (error) => log.warn({ listen: port.listen, error: messageOf(error) }, "traps: the socket reported an error"));
    log.info({ listen: port.listen, port: this.port }, "traps are heard");
    return true;
  }

  async #receive(bytes: Buffer, from: RemoteInfo): Promise<void> {
    const { listener, log } = this.#options;
    const address = plainAddress(from.address);
    try {
      const heard = await this.#reader.read(bytes, address);
      if (heard.kind === "refused") {
        listener.refused({ outcome: heard.outcome, address, what: heard.what });
        if (heard.report !== undefined) this.#send(heard.report, from);
        return;
      }
      const { trap, answer } = heard;
      const repeated = heard.confirmed ? this.#repeats.of(address, heard.id) : undefined;
      if (repeated !== undefined) listener.refused({ outcome: "duplicate", address, what: `${trap.name} once more` });
      const taking = repeated ?? listener.take(trap);
      if (heard.confirmed && repeated === undefined) this.#repeats.add({ address, id: heard.id, taking });
      if ((await taking) && answer !== undefined) this.#send(answer(), from);
    } catch (error) {
      log.error({ address, error: messageOf(error) }, "traps: a datagram could not be dealt with, which is our own fault");
      listener.refused({ outcome: "malformed", address, what: messageOf(error) });
    }
  }

  #send(bytes: Buffer, to: RemoteInfo): void {
    // What cannot be sent is as good as lost on the way: who wants an answer asks again.
    this.#socket?.send(bytes, to.port, to.address, () => {});
  }
}

/** An IPv4 sender as it is seen by a socket of IPv6. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}

function bound(listen: string): Promise<Socket> {
  const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(listen) ?? [];
  const socket = createSocket({ type: isIP(host) === 6 ? "udp6" : "udp4" });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port: Number(port), address: host }, () => {
      socket.removeAllListeners("error");
      widen(socket);
      resolve(socket);
    });
  });
}

function widen(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // The operating system's default then: a storm loses more of itself.
  }
}
