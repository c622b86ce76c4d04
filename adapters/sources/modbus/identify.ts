import { connect, type Socket } from "node:net";
import type { Clock } from "../../../core/clock.ts";
import { codeOf, SourceError } from "../../../core/errors.ts";
import { Deframer, FrameError, type MbapHeader, withHeader } from "./frame.ts";

/** Read Device Identification (Modbus Application Protocol V1.1b3 §6.21): function code 43, MEI type 14. It reads, like 1 to 4. */
const functionCode = 0x2b;
const meiType = 0x0e;
/** Names of the objects of categories basic and regular. */
const objectNames: Readonly<Record<number, string>> = {
  0: "vendor",
  1: "product_code",
  2: "revision",
  3: "vendor_url",
  4: "product_name",
  5: "model_name",
  6: "application",
};
const categories = { regular: 2, basic: 1 } as const;
/** A device that says "more follows" is asked this often at most. */
const mostRequests = 8;
/** Unit and PDU of a Modbus frame. */
const longestBody = 254;

export interface IdentifyOptions {
  readonly host: string;
  readonly port: number;
  readonly unit: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * What a unit says of itself, by name; empty where it says nothing. On a connection of its own: the connections that sources
 * share cannot send this. Rejects with SourceError where there is no connection.
 */
export async function identify(options: IdentifyOptions): Promise<Record<string, string>> {
  const connection = await Connection.open(options);
  try {
    for (const category of [categories.regular, categories.basic]) {
      const found = await identifyAs(connection, category);
      if (found !== undefined) return found;
    }
    return {};
  } finally {
    connection.end();
  }
}

/** Undefined where the unit refuses the category, or answers with what is no identification. */
async function identifyAs(connection: Connection, category: number): Promise<Record<string, string> | undefined> {
  const found: Record<string, string> = {};
  let next: number | undefined = 0;
  for (let request = 0; request < mostRequests && next !== undefined; request++) {
    const reply = parseIdentification(await connection.ask(Buffer.from([functionCode, meiType, category, next])));
    if (reply === undefined) return request === 0 ? undefined : found;
    for (const [object, text] of reply.objects) found[objectNames[object] ?? `object_${object}`] = text;
    next = reply.next !== undefined && reply.next > next ? reply.next : undefined;
  }
  return found;
}

/** The objects of one reply (without the unit), and which to ask for next; undefined for an exception or what is no such reply. */
export function parseIdentification(pdu: Buffer): { objects: [number, string][]; next: number | undefined } | undefined {
  if (pdu.length < 7 || pdu[0] !== functionCode || pdu[1] !== meiType) return undefined;
  const objects: [number, string][] = [];
  let at = 7;
  for (let left = pdu[6] ?? 0; left > 0 && at + 2 <= pdu.length; left--) {
    const object = pdu.readUInt8(at);
    const end = at + 2 + pdu.readUInt8(at + 1);
    if (end > pdu.length) break;
    objects.push([
      object,
      pdu
        .toString("utf8", at + 2, end)
        .replaceAll("\0", "")
        .trim(),
    ]);
    at = end;
  }
  return { objects, next: pdu[4] === 0xff ? pdu.readUInt8(5) : undefined };
}

/** One connection for one unit, one request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #options: IdentifyOptions;
  readonly #deframer = new Deframer();
  #transaction = 0;
  #waiting: ((pdu: Buffer) => void) | undefined;

  private constructor(socket: Socket, options: IdentifyOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk) => this.#receive(chunk));
    // Silence and a closed connection are the same to who asked: no identification.
    socket.on("close", () => this.#answer(Buffer.alloc(0)));
  }

  static open(options: IdentifyOptions): Promise<Connection> {
    const { host, port, clock, timeoutMs } = options;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      const cancel = clock.after(timeoutMs, () => socket.destroy(new Error(`timed out after ${timeoutMs / 1000} s`)));
      socket.on("error", (error) =>
        reject(new SourceError("unreachable", `${host}:${port}: connecting: ${codeOf(error) ?? error.message}`)),
      );
      socket.once("close", cancel);
      socket.once("connect", () => {
        cancel();
        resolve(new Connection(socket, options));
      });
    });
  }

  /** The reply without its unit; empty where there is none in time. */
  ask(pdu: Buffer): Promise<Buffer> {
    if (this.#socket.destroyed) return Promise.resolve(Buffer.alloc(0));
    const { unit, clock, timeoutMs } = this.#options;
    this.#transaction++;
    return new Promise((resolve) => {
      const cancel = clock.after(timeoutMs, () => this.end());
      this.#waiting = (reply) => {
        cancel();
        resolve(reply);
      };
      this.#socket.write(withHeader(this.#transaction, Buffer.from([unit, ...pdu])));
    });
  }

  end(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const { body } of this.#deframer.push(chunk, (header) => this.#check(header))) this.#answer(body.subarray(1));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.end();
    }
  }

  #check({ transaction, protocol, length, unit }: MbapHeader): void {
    const fits = length >= 2 && length <= longestBody;
    if (transaction !== this.#transaction || protocol !== 0 || !fits || unit !== this.#options.unit)
      throw new FrameError("no reply to what was asked");
  }

  #answer(pdu: Buffer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(pdu);
  }
}
