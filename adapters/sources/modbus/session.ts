import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import modbusSerial from "modbus-serial";
import { codeOf, SourceError } from "../../../core/errors.ts";
import { ExceptionReply } from "./exception.ts";
import {
  checkBody,
  checkHeader,
  Deframer,
  FrameError,
  functionCodes,
  type MbapHeader,
  type UnitRead,
  withCrc,
  withHeader,
} from "./frame.ts";

interface Pending {
  readonly transaction: number;
  readonly read: UnitRead;
  readonly reject: (error: SourceError) => void;
}

const reads: ReadonlySet<number> = new Set(Object.values(functionCodes));

/** The library names the requests that it writes by their codes: "writeFC3" asks to read holding registers. */
const requests = { coil: "writeFC1", discrete: "writeFC2", holding: "writeFC3", input: "writeFC4" } as const;

/**
 * What modbus-serial takes for a serial port. It speaks RTU frames and knows a request by a small number; the MBAP header,
 * the transaction and the check of both are ours, since its own TCP port trusts every header and counts to 256 only.
 */
class CodecPort extends EventEmitter {
  readonly isOpen = true;
  /** Slot of the request being written. Named by modbus-serial. */
  _transactionIdWrite = 0;
  /** Slot of the reply being read. Named by modbus-serial. */
  _transactionIdRead = 0;
  readonly #send: (body: Buffer) => void;

  constructor(send: (body: Buffer) => void) {
    super();
    this.#send = send;
  }

  open(opened: () => void): void {
    opened();
  }

  /** A request as an RTU frame: unit, function, ..., CRC. */
  write(frame: Buffer): void {
    const code = frame.readUInt8(1);
    if (!reads.has(code)) throw new Error(`function code ${code} is not a read: never sent`);
    this.#send(frame.subarray(0, -2));
  }
}

/**
 * One open connection: sends reads and gives every reply to the one who asked. It ends at the first byte that is no reply,
 * and with its socket; what was asked and not answered is rejected then. Time-outs are the bus's.
 */
export class Session {
  readonly #socket: Socket;
  readonly #codec: InstanceType<typeof modbusSerial.default>;
  readonly #port: CodecPort;
  readonly #pending: (Pending | undefined)[] = [];
  readonly #deframer = new Deframer();
  readonly #onEnd: (reason: SourceError, unanswered: number) => void;
  #transaction = 0;
  #answered = 0;
  #ended: SourceError | undefined;

  /** `onEnd` is told once why it ended, and how many requests were still unanswered. */
  constructor(socket: Socket, onEnd: (reason: SourceError, unanswered: number) => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
    this.#port = new CodecPort((body) => socket.write(withHeader(this.#transaction, body)));
    this.#codec = new modbusSerial.default(this.#port);
    this.#codec.open();
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("end", () => this.end(new SourceError("disconnected", "the device closed the connection")));
    socket.on("error", (error) => this.end(new SourceError("disconnected", `the connection broke (${codeOf(error) ?? error.message})`)));
    socket.on("close", () => this.end(new SourceError("disconnected", "the connection was closed")));
  }

  /** How many replies it has brought. */
  get answered(): number {
    return this.#answered;
  }

  /** The values' bytes as on the wire. Rejects with ExceptionReply, or with why the connection ended. */
  read(read: UnitRead): Promise<Buffer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const slot = this.#freeSlot();
    this.#transaction = (this.#transaction + 1) & 0xffff;
    this.#port._transactionIdWrite = slot;
    return new Promise((resolve, reject) => {
      this.#pending[slot] = { transaction: this.#transaction, read, reject };
      const request = requests[read.table];
      this.#codec[request](read.unit, read.address, read.count, (error: unknown, result: { buffer: Buffer } | undefined) => {
        this.#pending[slot] = undefined;
        if (result !== undefined && !error) resolve(result.buffer);
        else reject(refusalOf(error));
      });
    });
  }

  /** Ends the connection at once: nothing that still arrives on it is ever read. */
  end(reason: SourceError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#socket.destroy();
    const unanswered = this.#pending.filter((pending) => pending !== undefined);
    this.#pending.length = 0;
    for (const pending of unanswered) pending.reject(reason);
    this.#onEnd(reason, unanswered.length);
  }

  #freeSlot(): number {
    const free = this.#pending.indexOf(undefined);
    return free === -1 ? this.#pending.length : free;
  }

  #slotOf(transaction: number): number {
    return this.#pending.findIndex((pending) => pending?.transaction === transaction);
  }

  #receive(chunk: Buffer): void {
    if (this.#ended !== undefined) return;
    try {
      const check = (header: MbapHeader): void => checkHeader(header, this.#pending[this.#slotOf(header.transaction)]?.read);
      for (const { header, body } of this.#deframer.push(chunk, check)) this.#deliver(header.transaction, body);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.end(new SourceError("malformed", error.message));
    }
  }

  #deliver(transaction: number, body: Buffer): void {
    const slot = this.#slotOf(transaction);
    const pending = this.#pending[slot];
    if (pending === undefined) throw new FrameError(`two replies to transaction ${transaction}`);
    checkBody(body, pending.read);
    this.#answered++;
    this.#port._transactionIdRead = slot;
    this.#port.emit("data", withCrc(body));
  }
}

function refusalOf(error: unknown): SourceError {
  const code = error instanceof Error && "modbusCode" in error && typeof error.modbusCode === "number" ? error.modbusCode : undefined;
  if (code !== undefined) return new ExceptionReply(code);
  return new SourceError("malformed", error instanceof Error ? error.message : String(error));
}
