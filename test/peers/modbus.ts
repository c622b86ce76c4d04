import { createServer, type Server, type Socket } from "node:net";
import modbusSerial from "modbus-serial";
import { freePort } from "./port.ts";

type Table = "coil" | "discrete" | "holding" | "input";

/** Registers, coils and discrete inputs (0 or 1) of one unit by address; an address that is not there is refused with exception 2. */
export interface UnitRegisters {
  readonly coil?: ReadonlyMap<number, number>;
  readonly discrete?: ReadonlyMap<number, number>;
  readonly holding?: ReadonlyMap<number, number>;
  readonly input?: ReadonlyMap<number, number>;
  /** Answers nothing at all. */
  readonly dead?: boolean;
  /** Requests that begin here are met with silence. */
  readonly silentAt?: readonly number[];
  /** Objects of Read Device Identification by number; without any it is refused. */
  readonly identification?: Readonly<Record<number, string>>;
  /** Most registers in one request; more is refused with exception 3. */
  readonly maxRegisters?: number;
  /** Most bits in one request; more is refused with exception 3. */
  readonly maxBits?: number;
}

export interface AskedRead {
  readonly unit: number;
  readonly table: Table;
  readonly address: number;
  readonly count: number;
}

export interface ModbusServer {
  readonly port: number;
  /** Every read that arrived, in order. */
  readonly asked: AskedRead[];
  stop(): Promise<void>;
}

/** Registers from the bytes on the wire: `registersAt(100, "41480000")`. */
export function registersAt(address: number, hex: string): [number, number][] {
  const bytes = Buffer.from(hex.replaceAll(/[^0-9a-fA-F]/g, ""), "hex");
  return Array.from({ length: bytes.length / 2 }, (_, index) => [address + index, bytes.readUInt16BE(2 * index)]);
}

/** modbus-serial's own TCP server on a free loopback port, or on the one given. Units are looked up at every request, so they may change. */
export async function startModbusServer(units: ReadonlyMap<number, UnitRegisters>, wantedPort?: number): Promise<ModbusServer> {
  const port = wantedPort ?? (await freePort());
  const asked: AskedRead[] = [];
  type Answer<T> = (error: Error | null, value: T) => void;
  const refused = (code: number): Error => Object.assign(new Error("refused"), { modbusErrorCode: code });
  /** What the unit says to one request; undefined where it says nothing. */
  const reply = (read: AskedRead): Error | number[] | undefined => {
    asked.push(read);
    const registers = units.get(read.unit);
    if (registers === undefined || registers.dead === true || registers.silentAt?.includes(read.address) === true) return undefined;
    const isBits = read.table === "coil" || read.table === "discrete";
    if (read.count > (isBits ? (registers.maxBits ?? 2000) : (registers.maxRegisters ?? 125))) return refused(3);
    const values = Array.from({ length: read.count }, (_, index) => registers[read.table]?.get(read.address + index));
    return values.includes(undefined) ? refused(2) : values.map((value) => value ?? 0);
  };
  const read = (table: "holding" | "input") => (address: number, count: number, unit: number, answer: Answer<number[]>) => {
    const said = reply({ unit, table, address, count });
    if (said !== undefined) said instanceof Error ? answer(said, []) : answer(null, said);
  };
  // The server counts a callback's parameters to tell it from a promise: all must be written out.
  const one = (table: "holding" | "input") => (address: number, unit: number, answer: Answer<number>) =>
    read(table)(address, 1, unit, (error, values) => answer(error, values[0] ?? 0));
  // It asks for each bit of a request by itself, all at once: put together again, they are the request.
  const bit = (table: "coil" | "discrete") => {
    let open: { address: number; unit: number; answers: Answer<boolean>[] } | undefined;
    const close = (): void => {
      if (open === undefined) return;
      const { address, unit, answers } = open;
      open = undefined;
      const said = reply({ unit, table, address, count: answers.length });
      if (said instanceof Error) answers[0]?.(said, false);
      else if (said !== undefined) for (const [index, answer] of answers.entries()) answer(null, said[index] === 1);
    };
    return (address: number, unit: number, answer: Answer<boolean>) => {
      if (open === undefined) queueMicrotask(close);
      open ??= { address, unit, answers: [] };
      open.answers.push(answer);
    };
  };
  const vector = {
    getCoil: bit("coil"),
    getDiscreteInput: bit("discrete"),
    getHoldingRegister: one("holding"),
    getInputRegister: one("input"),
    getMultipleHoldingRegisters: read("holding"),
    getMultipleInputRegisters: read("input"),
    // Its types do not know this one.
    readDeviceIdentification: (unit: number) => units.get(unit)?.identification ?? Promise.reject(refused(1)),
  };
  const server = new modbusSerial.ServerTCP(vector, { host: "127.0.0.1", port, unitID: 255 });
  await new Promise<void>((resolve, reject) => {
    server.on("initialized", () => resolve());
    server.on("serverError", (error) => reject(error ?? new Error("the Modbus server did not start")));
  });
  return { port, asked, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** One request as it arrived, byte for byte. */
export interface RawRequest extends AskedRead {
  readonly transaction: number;
  readonly code: number;
  readonly frame: Buffer;
  /** Counts connections from 1. */
  readonly connection: number;
}

export interface RawServer {
  readonly port: number;
  readonly requests: RawRequest[];
  /** Connections that were ever made. */
  connections(): number;
  stop(): Promise<void>;
}

/** A TCP server that does with each request what a test tells it to: the place for devices that misbehave. */
export function startRawModbus(answer: (request: RawRequest, socket: Socket) => void): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let rest = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 12) {
        const request = parseRequest(rest.subarray(0, 12), connection);
        rest = rest.subarray(12);
        requests.push(request);
        answer(request, socket);
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) return reject(new Error("no port"));
      resolve({
        port: address.port,
        requests,
        connections: () => connections,
        stop: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}

const tables: Readonly<Record<number, Table>> = { 1: "coil", 2: "discrete", 3: "holding", 4: "input" };

function parseRequest(frame: Buffer, connection: number): RawRequest {
  return {
    connection,
    frame: Buffer.from(frame),
    transaction: frame.readUInt16BE(0),
    unit: frame.readUInt8(6),
    code: frame.readUInt8(7),
    table: tables[frame.readUInt8(7)] ?? "input",
    address: frame.readUInt16BE(8),
    count: frame.readUInt16BE(10),
  };
}

export interface ReplyChanges {
  readonly transaction?: number;
  readonly protocol?: number;
  readonly length?: number;
  readonly unit?: number;
  readonly code?: number;
  readonly byteCount?: number;
}

/** A well-formed reply in which every register holds `value`, or every bit its lowest one, with what the test wants wrong in it. */
export function replyTo(request: RawRequest, value: number, wrong: ReplyChanges = {}): Buffer {
  const isBits = request.table === "coil" || request.table === "discrete";
  const bytes = isBits ? Math.ceil(request.count / 8) : 2 * request.count;
  const frame = Buffer.alloc(9 + bytes);
  frame.writeUInt16BE(wrong.transaction ?? request.transaction, 0);
  frame.writeUInt16BE(wrong.protocol ?? 0, 2);
  frame.writeUInt16BE(wrong.length ?? 3 + bytes, 4);
  frame.writeUInt8(wrong.unit ?? request.unit, 6);
  frame.writeUInt8(wrong.code ?? request.code, 7);
  frame.writeUInt8(wrong.byteCount ?? bytes, 8);
  if (isBits) frame.fill(value & 1 ? 0xff : 0, 9);
  else for (let index = 0; index < request.count; index++) frame.writeUInt16BE(value, 9 + 2 * index);
  return frame;
}

/** An exception to a request. */
export function exceptionTo(request: RawRequest, exception: number): Buffer {
  const frame = Buffer.alloc(9);
  frame.writeUInt16BE(request.transaction, 0);
  frame.writeUInt16BE(3, 4);
  frame.writeUInt8(request.unit, 6);
  frame.writeUInt8(request.code | 0x80, 7);
  frame.writeUInt8(exception, 8);
  return frame;
}
