import { createServer, type Socket } from "node:net";

/** Registers of a simulated unit: zero-based address to the 16 bits that stand there now. */
export type Registers = (table: "holding" | "input", address: number) => number | undefined;

export interface ModbusServer {
  readonly port: number;
  stop(): Promise<void>;
}

const tables: Readonly<Record<number, "holding" | "input">> = { 3: "holding", 4: "input" };
const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;
const mbapBytes = 7;

/**
 * A Modbus TCP server (Modbus Messaging on TCP/IP V1.0b) on loopback for one simulated unit, that answers function codes 3
 * and 4 and refuses every other. It takes requests and says nothing while `silent()` says so.
 */
export function serveModbus(unit: { id: number; registers: Registers; port?: number; silent?: () => boolean }): Promise<ModbusServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending: Buffer = Buffer.alloc(0);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= mbapBytes) {
        const end = 6 + pending.readUInt16BE(4);
        if (pending.readUInt16BE(2) !== 0 || end > 260) return void socket.destroy();
        if (pending.length < end) return;
        const request = pending.subarray(0, end);
        pending = pending.subarray(end);
        if (unit.silent?.() !== true && request.readUInt8(6) === unit.id) socket.write(answer(request, unit.registers));
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(unit.port ?? 0, "127.0.0.1", () => {
      const address = server.address();
      const stop = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          for (const socket of sockets) socket.destroy();
        });
      resolve({ port: typeof address === "object" && address !== null ? address.port : 0, stop });
    });
  });
}

function answer(request: Buffer, registers: Registers): Buffer {
  const pdu = request.subarray(mbapBytes);
  const reply = answerPdu(pdu, registers);
  const head = Buffer.from(request.subarray(0, mbapBytes));
  head.writeUInt16BE(reply.length + 1, 4);
  return Buffer.concat([head, reply]);
}

function answerPdu(pdu: Buffer, registers: Registers): Buffer {
  const code = pdu[0] ?? 0;
  const table = tables[code];
  if (table === undefined) return Buffer.from([code | 0x80, illegalFunction]);
  const count = pdu.length === 5 ? pdu.readUInt16BE(3) : 0;
  if (count < 1 || count > 125) return Buffer.from([code | 0x80, illegalValue]);
  const address = pdu.readUInt16BE(1);
  const reply = Buffer.alloc(2 + 2 * count);
  reply.writeUInt8(code, 0);
  reply.writeUInt8(2 * count, 1);
  for (let i = 0; i < count; i++) {
    const value = registers(table, address + i);
    if (value === undefined) return Buffer.from([code | 0x80, illegalAddress]);
    reply.writeUInt16BE(value, 2 + 2 * i);
  }
  return reply;
}
