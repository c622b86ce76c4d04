import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Bus, type BusRead } from "../../../../adapters/sources/modbus/bus.ts";
import { ExceptionReply } from "../../../../adapters/sources/modbus/exception.ts";
import { systemClock } from "../../../../core/clock.ts";
import { SourceError } from "../../../../core/errors.ts";
import { silentLog } from "../../../../core/log.ts";
import { exceptionTo, type RawRequest, type RawServer, replyTo, startRawModbus } from "../../../peers/modbus.ts";
import { freePort } from "../../../peers/port.ts";
import { until } from "../../../peers/process.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const warnings: string[] = [];

interface Rig {
  readonly server: RawServer;
  readonly bus: Bus;
}

async function rig(answer: (request: RawRequest, socket: Socket) => void, maxInFlight = 1): Promise<Rig> {
  const server = await startRawModbus(answer);
  const bus = new Bus({
    host: "127.0.0.1",
    port: server.port,
    clock: systemClock(),
    log: { ...silentLog, warn: (_, message) => void warnings.push(message) },
  });
  bus.allow(maxInFlight);
  cleanups.push(server.stop, () => bus.close());
  return { server, bus };
}

function holding(address: number, more: Partial<BusRead> = {}): BusRead {
  return {
    unit: 1,
    table: "holding",
    address,
    count: 2,
    timeoutMs: 150,
    gapMs: 0,
    signal: new AbortController().signal,
    asker: {},
    ...more,
  };
}

/** The rejection of a read, which must be a SourceError. */
async function failure(read: Promise<Buffer>): Promise<SourceError> {
  const error: unknown = await read.then(
    (bytes) => new Error(`was answered ${bytes.toString("hex")}`),
    (reason: unknown) => reason,
  );
  if (error instanceof SourceError) return error;
  throw error;
}

const answerAddress = (request: RawRequest, socket: Socket): void => void socket.write(replyTo(request, request.address));

describe("a bus", () => {
  it("reads every table", async () => {
    const { bus, server } = await rig(answerAddress);
    expect((await bus.read(holding(0x1234))).toString("hex")).toBe("12341234");
    expect((await bus.read(holding(7, { table: "input", count: 1, unit: 31 }))).toString("hex")).toBe("0007");
    expect((await bus.read(holding(9, { table: "coil", count: 9 }))).toString("hex")).toBe("ffff");
    expect((await bus.read(holding(8, { table: "discrete", count: 2000 }))).toString("hex")).toBe("00".repeat(250));
    expect(server.requests.map(({ code, unit, count }) => [code, unit, count])).toEqual([
      [3, 1, 2],
      [4, 31, 1],
      [1, 1, 9],
      [2, 1, 2000],
    ]);
    expect(server.connections()).toBe(1);
  });

  it("keeps one request under way and the order in which they were asked", async () => {
    let open = 0;
    let most = 0;
    const { bus, server } = await rig((request, socket) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        socket.write(replyTo(request, request.address));
      }, 2);
    });
    const reads = await Promise.all(Array.from({ length: 20 }, (_, address) => bus.read(holding(address, { count: 1 }))));
    expect(reads.map((bytes) => bytes.readUInt16BE(0))).toEqual(Array.from({ length: 20 }, (_, address) => address));
    expect(server.requests.map((request) => request.address)).toEqual(Array.from({ length: 20 }, (_, address) => address));
    expect(most).toBe(1);
  });

  it("gives each its own reply when several are under way and the device turns their order round", async () => {
    const held: { request: RawRequest; socket: Socket }[] = [];
    const { bus } = await rig((request, socket) => {
      held.push({ request, socket });
      if (held.length < 4) return;
      for (const { request, socket } of held.splice(0).reverse()) socket.write(replyTo(request, request.address));
    }, 4);
    const reads = await Promise.all([11, 12, 13, 14, 15, 16, 17, 18].map((address) => bus.read(holding(address, { count: 1 }))));
    expect(reads.map((bytes) => bytes.readUInt16BE(0))).toEqual([11, 12, 13, 14, 15, 16, 17, 18]);
  });

  it("pauses between requests where a device wants it", async () => {
    const times: number[] = [];
    const { bus } = await rig((request, socket) => {
      times.push(performance.now());
      answerAddress(request, socket);
    });
    await Promise.all([1, 2, 3].map((address) => bus.read(holding(address, { gapMs: 40 }))));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(38);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(38);
  });

  it("puts a reply together from single bytes, and takes two in one packet", async () => {
    const { bus } = await rig((request, socket) => {
      void (async () => {
        socket.setNoDelay();
        for (const byte of replyTo(request, request.address)) {
          socket.write(Buffer.from([byte]));
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
    });
    expect((await bus.read(holding(0x4142))).toString("hex")).toBe("41424142");

    const pair: RawRequest[] = [];
    const { bus: twin } = await rig((request, socket) => {
      pair.push(request);
      if (pair.length === 2) socket.write(Buffer.concat(pair.map((one) => replyTo(one, one.address))));
    }, 2);
    const both = await Promise.all([twin.read(holding(5)), twin.read(holding(6))]);
    expect(both.map((bytes) => bytes.readUInt16BE(0))).toEqual([5, 6]);
  });

  it("tells what an exception means", async () => {
    const { bus, server } = await rig((request, socket) => void socket.write(exceptionTo(request, request.address)));
    const codes: [number, string][] = [
      [1, "BadNotSupported"],
      [2, "BadNotFound"],
      [3, "BadNotFound"],
      [4, "BadDeviceFailure"],
      [5, "BadResourceUnavailable"],
      [6, "BadResourceUnavailable"],
      [10, "BadNoCommunication"],
      [11, "BadNoCommunication"],
      [77, "BadUnknownResponse"],
    ];
    const { qualityName } = await import("../../../../core/quality.ts");
    for (const [code, quality] of codes) {
      const error = await failure(bus.read(holding(code)));
      expect(error).toBeInstanceOf(ExceptionReply);
      expect(error.message).toMatch(new RegExp(`^holding ${code}\\+2: exception ${code} \\(`));
      expect(qualityName(error.quality)).toBe(quality);
    }
    // An exception is an answer: the connection stays.
    expect(server.connections()).toBe(1);
  });
});

describe("a bus whose device misbehaves", () => {
  it("rejects at once when the connection is reset in mid request", async () => {
    const { bus } = await rig((_, socket) => void socket.resetAndDestroy());
    const error = await failure(bus.read(holding(100, { timeoutMs: 5000 })));
    expect(error.fault).toBe("disconnected");
    expect(error.message).toBe("holding 100+2: the connection broke (ECONNRESET)");
  });

  it("rejects at once when the device closes in mid reply", async () => {
    const { bus } = await rig((request, socket) => void socket.end(replyTo(request, 1).subarray(0, 10)));
    const error = await failure(bus.read(holding(100, { timeoutMs: 5000 })));
    expect(error.message).toBe("holding 100+2: the device closed the connection");
  });

  it("asks again, once, on a new connection when the one that worked is found dead", async () => {
    const { bus, server } = await rig((request, socket) => {
      // The first connection works once, and every request after that is its end.
      if (request.connection === 1 && request.address !== 1) socket.resetAndDestroy();
      else answerAddress(request, socket);
    });
    await bus.read(holding(1));
    expect((await bus.read(holding(2))).readUInt16BE(0)).toBe(2);
    expect(server.requests.map((request) => [request.connection, request.address])).toEqual([
      [1, 1],
      [1, 2],
      [2, 2],
    ]);
  });

  it("notices that an idle connection was closed, and makes a new one", async () => {
    let socket: Socket | undefined;
    const { bus, server } = await rig((request, from) => {
      socket = from;
      answerAddress(request, from);
    });
    await bus.read(holding(1));
    await new Promise<void>((resolve) => socket?.once("close", () => resolve()).end());
    expect((await bus.read(holding(2))).readUInt16BE(0)).toBe(2);
    expect(server.requests.map((request) => request.connection)).toEqual([1, 2]);
  });

  it("names the registers and the time when there is no answer, and never takes the late one for another's", async () => {
    const { bus, server } = await rig((request, socket) => {
      if (request.address === 100) setTimeout(() => socket.write(replyTo(request, 0xdead)), 200);
      else answerAddress(request, socket);
    });
    const late = failure(bus.read(holding(100, { timeoutMs: 100 })));
    const others = [1, 2, 3].map((address) => bus.read(holding(address, { timeoutMs: 1000 })));
    expect((await late).message).toBe("holding 100+2: timed out after 0.1 s");
    expect((await late).fault).toBe("timeout");
    expect((await Promise.all(others)).map((bytes) => bytes.readUInt16BE(0))).toEqual([1, 2, 3]);
    // Well after the late reply, and from the same transaction number on, answers are still one's own.
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect((await bus.read(holding(4, { timeoutMs: 1000 }))).readUInt16BE(0)).toBe(4);
    expect(server.connections()).toBe(2);
  });

  const liars: [string, (request: RawRequest) => Buffer, RegExp][] = [
    ["a wrong transaction", (r) => replyTo(r, 1, { transaction: r.transaction + 1 }), /reply to transaction \d+, which nobody asked for/],
    ["a wrong protocol id", (r) => replyTo(r, 1, { protocol: 7 }), /protocol id 7 in the reply's header, expected 0/],
    ["another unit", (r) => replyTo(r, 1, { unit: 9 }), /a reply of unit 9, expected unit 1/],
    ["a length that is too great", (r) => replyTo(r, 1, { length: 250 }), /a reply of 250 bytes, expected 7/],
    ["a length that is too small", (r) => replyTo(r, 1, { length: 5 }), /a reply of 5 bytes, expected 7/],
    ["a length of nothing", (r) => replyTo(r, 1, { length: 0 }), /a reply of 0 bytes, expected 7/],
    ["the longest length", (r) => replyTo(r, 1, { length: 65535 }), /a reply of 65535 bytes/],
    ["another function", (r) => replyTo(r, 1, { code: 6 }), /function code 6, expected 3/],
    ["the other table", (r) => replyTo(r, 1, { code: 4 }), /function code 4, expected 3/],
    ["an exception that is too long", (r) => replyTo(r, 1, { code: 0x83 }), /a reply of 7 bytes with function code 131/],
    ["a wrong count of bytes", (r) => replyTo(r, 1, { byteCount: 2 }), /2 bytes of values, expected 4/],
    ["an HTTP answer", () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), /protocol id \d+/],
  ];

  it.each(liars)("refuses %s, drops the connection and reads on with a new one", async (_, lie, says) => {
    const { bus, server } = await rig((request, socket) => {
      if (request.connection === 1) socket.write(lie(request));
      else answerAddress(request, socket);
    });
    const error = await failure(bus.read(holding(100, { timeoutMs: 5000 })));
    expect(error.fault).toBe("malformed");
    expect(error.message).toMatch(says);
    expect((await bus.read(holding(55))).readUInt16BE(0)).toBe(55);
    expect(server.connections()).toBe(2);
  });

  it("does not believe a reply that was sent before it was asked for", async () => {
    const { bus } = await rig((request, socket) => {
      // The answer, and with it one to the request that is not yet made.
      socket.write(
        Buffer.concat([replyTo(request, request.address), replyTo({ ...request, transaction: request.transaction + 1 }, 0xbad)]),
      );
    });
    warnings.length = 0;
    expect((await bus.read(holding(1))).readUInt16BE(0)).toBe(1);
    expect((await bus.read(holding(2))).readUInt16BE(0)).toBe(2);
    expect(warnings).toContain("Modbus connection dropped: the device sent what nobody asked for");
  });

  it("says why it cannot connect", async () => {
    const port = await freePort();
    const bus = new Bus({ host: "127.0.0.1", port, clock: systemClock(), log: silentLog });
    cleanups.push(() => bus.close());
    const errors = await Promise.all([failure(bus.read(holding(1))), failure(bus.read(holding(2)))]);
    for (const error of errors) {
      expect(error.fault).toBe("refused");
      expect(error.message).toBe("connecting: refused (ECONNREFUSED)");
    }
  });

  it("stops waiting for a host that does not answer at all", async () => {
    // RFC 5737 TEST-NET-1 may be unreachable at once, or silent: either way nobody is there.
    const bus = new Bus({ host: "192.0.2.1", port: 502, clock: systemClock(), log: silentLog });
    cleanups.push(() => bus.close());
    const error = await failure(bus.read(holding(1, { timeoutMs: 200 })));
    expect(error.message).toMatch(/^connecting: /);
    expect(["timeout", "unreachable", "refused"]).toContain(error.fault);
  });

  it("lets go at once of what nobody waits for any more", async () => {
    const { bus, server } = await rig((request, socket) => {
      if (request.address !== 100) answerAddress(request, socket);
    });
    const abort = new AbortController();
    const sent = failure(bus.read(holding(100, { timeoutMs: 5000, signal: abort.signal })));
    const queued = failure(bus.read(holding(101, { timeoutMs: 5000, signal: abort.signal })));
    const neighbour = bus.read(holding(3, { timeoutMs: 5000 }));
    await until("the first is asked", 2000, () => server.requests.length === 1);
    abort.abort();
    expect((await sent).message).toBe("holding 100+2: given up before the device answered");
    expect((await queued).message).toBe("holding 101+2: given up before it was sent");
    expect((await neighbour).readUInt16BE(0)).toBe(3);
    expect(server.requests.map((request) => request.address)).toEqual([100, 3]);
    expect((await failure(bus.read(holding(1, { signal: abort.signal })))).fault).toBe("timeout");
  });

  it("rejects all that waits when it is closed, and everything after", async () => {
    const { bus } = await rig(() => {});
    const waiting = [failure(bus.read(holding(1))), failure(bus.read(holding(2)))];
    bus.close();
    for (const error of await Promise.all(waiting)) expect(error.message).toMatch(/the source was closed$/);
    expect((await failure(bus.read(holding(3)))).message).toBe("holding 3+2: the source was closed");
  });
});

const modbusTables = ["coil", "discrete", "holding", "input"] as const;

describe("read-only by construction", () => {
  it("sends nothing but well-formed requests of function codes 1 to 4", async () => {
    const { bus, server } = await rig((request, socket) => {
      if (request.address % 5 === 0) socket.write(exceptionTo(request, 2));
      else if (request.address % 7 === 0) socket.resetAndDestroy();
      else answerAddress(request, socket);
    });
    for (let address = 1; address < 40; address++) {
      const table = modbusTables[address % 4] ?? "input";
      await bus.read(holding(address, { table, unit: address, count: 1 + address })).catch(() => {});
    }
    expect(server.requests.length).toBeGreaterThanOrEqual(39);
    expect(new Set(server.requests.map(({ code }) => code))).toEqual(new Set([1, 2, 3, 4]));
    for (const { frame, unit, address, count, transaction } of server.requests) {
      const wanted = Buffer.alloc(12);
      wanted.writeUInt16BE(transaction, 0);
      wanted.writeUInt16BE(6, 4);
      wanted.writeUInt8(unit, 6);
      wanted.writeUInt8(1 + (address % 4), 7);
      wanted.writeUInt16BE(address, 8);
      wanted.writeUInt16BE(count, 10);
      expect(frame.toString("hex")).toBe(wanted.toString("hex"));
    }
  });
});
