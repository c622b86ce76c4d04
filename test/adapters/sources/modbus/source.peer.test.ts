import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createModbusAdapter } from "../../../../adapters/sources/modbus/source.ts";
import { type ModbusConfig, modbusConfig } from "../../../../config/assets.ts";
import { type Clock, systemClock } from "../../../../core/clock.ts";
import { SourceError } from "../../../../core/errors.ts";
import { silentLog } from "../../../../core/log.ts";
import { qualityName } from "../../../../core/quality.ts";
import type { PolledSource, Source, SourceAdapter } from "../../../../core/source.ts";
import {
  exceptionTo,
  type RawRequest,
  registersAt,
  replyTo,
  startModbusServer,
  startRawModbus,
  type UnitRegisters,
} from "../../../peers/modbus.ts";
import { freePort } from "../../../peers/port.ts";
import { RecordingSink, sourceContract } from "../contract.ts";
import { hasVectors, isExpected, vectorDevice } from "./telegraf.ts";

const clock = systemClock();
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Ten times as fast as time: for pauses that a device wants and a test need not keep. */
const hasty: Clock = {
  now: () => clock.now(),
  monotonic: () => 10 * clock.monotonic(),
  after: (ms, call) => clock.after(ms / 10, call),
};

function newAdapter(paced: Clock = clock): SourceAdapter<ModbusConfig> {
  const adapter = createModbusAdapter({ log: silentLog, clock: paced });
  cleanups.push(() => adapter.close());
  return adapter;
}

interface Subject {
  readonly source: PolledSource;
  readonly sink: RecordingSink;
}

function subject(adapter: ReturnType<typeof newAdapter>, config: object, asset = "filler-31"): Subject {
  const sink = new RecordingSink();
  const parsed = modbusConfig.parse(config);
  const source = adapter.source(parsed, { asset, everyMs: parsed.every, sink, clock, log: silentLog });
  if (source.mode !== "poll") throw new Error("a Modbus source is polled");
  cleanups.push(() => source.close());
  return { source, sink };
}

async function serve(
  units: Record<number, UnitRegisters>,
): Promise<{ tcp: string; asked: readonly { unit: number; table: string; address: number; count: number }[] }> {
  const server = await startModbusServer(new Map(Object.entries(units).map(([unit, registers]) => [Number(unit), registers])));
  cleanups.push(server.stop);
  return { tcp: `127.0.0.1:${server.port}`, asked: server.asked };
}

const soon = (): AbortSignal => AbortSignal.timeout(10_000);

async function failureOf(source: Source): Promise<SourceError> {
  if (source.mode !== "poll") throw new Error("not polled");
  const error: unknown = await source.poll(soon()).then(
    () => new Error("was read"),
    (reason: unknown) => reason,
  );
  if (error instanceof SourceError) return error;
  throw error;
}

const casesFolder = new URL("../../../cases/modbus/", import.meta.url);

type RecordedRegisters = Partial<Record<"holding" | "input", Record<string, string>>>;

interface ExpectedReading {
  readonly metric: string;
  readonly labels: Record<string, string>;
  readonly value: number | null;
  readonly unit: string;
  readonly quality: string;
  readonly origin: string;
}

function recorded(name: string): { registers: RecordedRegisters; expected: ExpectedReading[] } {
  const read = (file: string) => JSON.parse(readFileSync(new URL(`${name}/${file}`, casesFolder), "utf8"));
  return { registers: read("registers.json"), expected: read("expected.json") };
}

function table(bytes: Record<string, string> = {}): Map<number, number> {
  return new Map(Object.entries(bytes).flatMap(([address, hex]) => registersAt(Number(address), hex)));
}

/** How many stretches of registers without a hole there are. */
function solidBlocks(registers: RecordedRegisters): number {
  const starts = (bytes: Record<string, string> = {}): number => {
    const addresses = table(bytes);
    return [...addresses.keys()].filter((address) => !addresses.has(address - 1)).length;
  };
  return starts(registers.holding) + starts(registers.input);
}

function fillerRegisters(): UnitRegisters {
  const { registers } = recorded("demo-filler");
  return { holding: table(registers.holding), input: table(registers.input) };
}

sourceContract("Modbus", {
  asset: "filler-31",
  async living(sink) {
    const server = await startModbusServer(new Map([[31, fillerRegisters()]]));
    const adapter = createModbusAdapter({ log: silentLog, clock });
    const config = modbusConfig.parse({ tcp: `127.0.0.1:${server.port}`, unit: 31, profile: "demo-filler", every: "2s" });
    const source = adapter.source(config, { asset: "filler-31", everyMs: 2000, sink, clock, log: silentLog });
    return { source, stop: () => adapter.close().then(server.stop) };
  },
  async dead(sink) {
    const adapter = createModbusAdapter({ log: silentLog, clock });
    const config = modbusConfig.parse({ tcp: `127.0.0.1:${await freePort()}`, unit: 31, profile: "demo-filler" });
    const source = adapter.source(config, { asset: "filler-31", everyMs: 30_000, sink, clock, log: silentLog });
    return { source, stop: () => adapter.close() };
  },
});

describe("recorded devices", () => {
  it.each(readdirSync(casesFolder))("%s", async (name) => {
    const { registers, expected } = recorded(name);
    // Nothing but what was recorded is there: every hole between two values is refused.
    const { tcp, asked } = await serve({ 1: { holding: table(registers.holding), input: table(registers.input) } });
    const { source, sink } = subject(newAdapter(hasty), { tcp, profile: name, timeout: "30s" }, "device");
    await source.poll(soon());
    for (const { metric, labels, value, unit, quality, origin } of expected) {
      const put = sink.puts.find(({ series }) => series.metric === metric && JSON.stringify(series.labels) === JSON.stringify(labels));
      expect(put && { unit: put.series.unit, quality: qualityName(put.quality), origin: put.series.origin }, metric).toEqual({
        unit,
        quality,
        origin,
      });
      if (value === null) expect(put?.value).toBeNaN();
      else expect(Math.abs((put?.value ?? Number.NaN) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-15);
    }
    expect(sink.puts.length).toBe(expected.length);
    // Soon it knows every hole that is refused, and asks for each solid block once.
    for (let round = 2; round <= 4; round++) await source.poll(soon());
    const before = asked.length;
    await source.poll(soon());
    expect(asked.length - before).toBe(solidBlocks(registers));
    expect(sink.puts.length).toBe(5 * expected.length);
  });
});

describe.skipIf(!hasVectors)("Telegraf's type vectors over a real connection (needs ../shared/data)", () => {
  it("come out as Telegraf has them, numbers and coils as readings, texts as inventory", async () => {
    const { registers, metrics, inventory, readings, texts } = vectorDevice();
    expect([readings.length, texts.length]).toEqual([201, 4]);
    const { tcp } = await serve({ 1: registers });
    const { source, sink } = subject(newAdapter(), { tcp, metrics, inventory });
    await source.poll(soon());
    for (const { vector, name, origin } of readings) {
      const put = sink.latest(name);
      if (put === undefined) throw new Error(`${vector.name} was not read`);
      expect([put.series.origin, qualityName(put.quality)], vector.name).toEqual([origin, "Good"]);
      expect(isExpected(vector, put.value), `${vector.name}: ${put.value}, expected ${vector.expected}`).toBe(true);
    }
    expect(sink.facts).toEqual(Object.fromEntries(texts.map(({ vector, name }) => [name, vector.expected])));
  });
});

describe("a Modbus source", () => {
  it("reads neighbours in one request, and each table by its own function", async () => {
    const { tcp, asked } = await serve({ 31: { holding: table({ 0: "00".repeat(40) }), input: table({ 0: "00".repeat(40) }) } });
    const { source } = subject(newAdapter(), { tcp, unit: 31, profile: "demo-filler" });
    await source.poll(soon());
    expect(asked).toEqual([
      { unit: 31, table: "holding", address: 0, count: 6 },
      { unit: 31, table: "input", address: 0, count: 14 },
    ]);
  });

  it("reads coils and discrete inputs, many in one request, each as its device has it", async () => {
    const bits = Array.from({ length: 40 }, (_, at): [number, number] => [at, at % 3 === 0 || at % 7 === 2 ? 1 : 0]);
    const { tcp, asked } = await serve({ 1: { coil: new Map(bits), discrete: new Map(bits.map(([at, bit]) => [at + 1000, 1 - bit])) } });
    const metrics = bits.flatMap(([at]) => [
      { metric: "output_on", labels: { at }, function: "coil", register: at },
      { metric: "contact", labels: { at }, function: "discrete", register: at + 1000, kind: "state", states: { 0: "open", 1: "closed" } },
    ]);
    const { source, sink } = subject(newAdapter(), { tcp, metrics });
    await source.poll(soon());
    expect(asked).toEqual([
      { unit: 1, table: "coil", address: 0, count: 40 },
      { unit: 1, table: "discrete", address: 1000, count: 40 },
    ]);
    expect(bits.map(([at]) => sink.latest("output_on", { at: `${at}` })?.value)).toEqual(bits.map(([, bit]) => bit));
    expect(bits.map(([at]) => sink.latest("contact", { at: `${at}` })?.value)).toEqual(bits.map(([, bit]) => 1 - bit));
    expect(sink.latest("contact", { at: "4" })?.series).toMatchObject({ kind: "state", origin: "discrete:1004", states: { 1: "closed" } });
  });

  it("makes only the refused coil Bad, and bears a device that answers few at once", async () => {
    const coil = new Map([0, 1, 2, 4, 5, 6, 7].map((at) => [at, 1]));
    const { tcp, asked } = await serve({ 1: { coil, maxBits: 5 } });
    const metrics = Array.from({ length: 8 }, (_, register) => ({ metric: `c${register}`, function: "coil", register }));
    const { source, sink } = subject(newAdapter(), { tcp, metrics });
    await source.poll(soon());
    await source.poll(soon());
    const before = asked.length;
    await source.poll(soon());
    const qualities = Array.from({ length: 8 }, (_, at) => sink.latest(`c${at}`)).map((put) => put && qualityName(put.quality));
    expect(qualities).toEqual(["Good", "Good", "Good", "BadNotFound", "Good", "Good", "Good", "Good"]);
    expect(asked.slice(before).map(({ address, count }) => [address, count])).toEqual([
      [0, 3],
      [4, 4],
    ]);
  });

  const serial = { name: "serial_number", register: 40_052, length: 4 };

  it("reads texts after the values, once", async () => {
    const holding = new Map([...table({ 0: "0007" }), ...registersAt(40_052, Buffer.from("S-0042\0\0").toString("hex"))]);
    const { tcp, asked } = await serve({ 1: { holding } });
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const { source, sink } = subject(newAdapter(), { tcp, metrics, inventory: [serial, { ...serial, name: "swapped", order: "DCBA" }] });
    for (let round = 0; round < 3; round++) await source.poll(soon());
    expect(asked.map(({ address }) => address)).toEqual([0, 40_052, 0, 0]);
    expect(sink.facts).toEqual({ serial_number: "S-0042", swapped: "-S0024" });
  });

  it.each<[string, (request: RawRequest, socket: Socket) => void]>([
    ["refuses", (request, socket) => void socket.write(exceptionTo(request, 2))],
    ["does not answer", () => {}],
    ["answers with garbage", (_, socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["breaks off", (_, socket) => void socket.resetAndDestroy()],
  ])("has its values where the device %s when asked for a text", async (_, misbehave) => {
    const server = await startRawModbus((request, socket) => {
      if (request.address === 40_052) misbehave(request, socket);
      else socket.write(replyTo(request, 7));
    });
    cleanups.push(server.stop);
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const config = { tcp: `127.0.0.1:${server.port}`, metrics, inventory: [serial], timeout: "200ms" };
    const { source, sink } = subject(newAdapter(), config);
    for (let round = 0; round < 3; round++) await source.poll(soon());
    expect(sink.puts.map(({ value, quality }) => [value, qualityName(quality)])).toEqual(Array.from({ length: 3 }, () => [7, "Good"]));
    expect(sink.facts).toEqual({});
  });

  it("does not ask a device that gave no values for texts", async () => {
    const { tcp, asked } = await serve({ 1: { holding: new Map(registersAt(40_052, "41420000")) } });
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const { source } = subject(newAdapter(), { tcp, metrics, inventory: [serial] });
    await failureOf(source);
    expect(asked.map(({ address }) => address)).toEqual([0]);
  });

  it.each([
    [undefined, undefined, 1],
    [4, undefined, 4],
    [4, 2, 2],
  ])("has as many requests under way as its units allow: %s and %s make %d", async (one, other, most) => {
    let open = 0;
    let seen = 0;
    const server = await startRawModbus((request, socket) => {
      seen = Math.max(seen, ++open);
      setTimeout(() => {
        open--;
        socket.write(replyTo(request, request.unit));
      }, 5);
    });
    cleanups.push(server.stop);
    const adapter = newAdapter();
    const metrics = [0, 300].map((register) => ({ metric: `m${register}`, register, type: "uint16" }));
    const units = [1, 2, 3, 4, 5, 6].map((unit) => {
      const inFlight = unit === 1 ? one : unit === 2 ? other : undefined;
      return subject(adapter, {
        tcp: `127.0.0.1:${server.port}`,
        unit,
        metrics,
        ...(inFlight === undefined ? {} : { in_flight: inFlight }),
      });
    });
    await Promise.all(units.map(({ source }) => source.poll(soon())));
    expect(units.map(({ sink }) => [sink.latest("m0")?.value, sink.latest("m300")?.value])).toEqual([1, 2, 3, 4, 5, 6].map((u) => [u, u]));
    expect(seen).toBe(most);
    expect(server.connections()).toBe(1);
  });

  it("says whom it asked for what, and how long it waited", async () => {
    const server = await startRawModbus(() => {});
    cleanups.push(server.stop);
    const metrics = [{ metric: "pressure_pascals", register: 100, type: "float32", unit: "bar" }];
    const { source, sink } = subject(newAdapter(), { tcp: `127.0.0.1:${server.port}`, unit: 31, metrics, timeout: "100ms" });
    const error = await failureOf(source);
    expect(error.message).toBe(`filler-31 (127.0.0.1:${server.port} unit 31): holding 100+2: timed out after 0.1 s`);
    expect(qualityName(error.quality)).toBe("BadTimeout");
    // The runner knows which series go Bad with it.
    expect(sink.descriptions.map((series) => series.metric)).toEqual(["pressure_pascals"]);
    expect(sink.puts).toEqual([]);
  });

  it("makes only the refused register Bad", async () => {
    const metrics = [0, 2, 4, 6].map((register) => ({ metric: `m${register}`, register, type: "uint32" }));
    const holding = table({ 0: "0000000100000002", 6: "00000004" });
    const { tcp } = await serve({ 1: { holding } });
    const { source, sink } = subject(newAdapter(), { tcp, metrics });
    await source.poll(soon());
    const seen = sink.puts.map(({ series, value, quality }) => [series.metric, [value, qualityName(quality)]] as const);
    expect(seen.length).toBe(4);
    expect(Object.fromEntries(seen)).toEqual({ m0: [1, "Good"], m2: [2, "Good"], m4: [Number.NaN, "BadNotFound"], m6: [4, "Good"] });
  });

  it("counts a malformed reply, and reads on with the next round", async () => {
    let rounds = 0;
    const server = await startRawModbus((request, socket) =>
      socket.write(++rounds === 1 ? "SSH-2.0-OpenSSH_9.2p1\r\n" : replyTo(request, 7)),
    );
    cleanups.push(server.stop);
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const { source, sink } = subject(newAdapter(), { tcp: `127.0.0.1:${server.port}`, metrics });
    expect((await failureOf(source)).fault).toBe("malformed");
    expect(sink.malformations).toEqual([expect.stringMatching(/^holding 0\+1: protocol id \d+ in the reply's header/)]);
    await source.poll(soon());
    expect(sink.latest("x")?.value).toBe(7);
  });

  it("delays the neighbours of a dead unit by one time-out at most", async () => {
    const registers: UnitRegisters = { holding: table({ 0: "0001", 200: "0002" }) };
    const { tcp, asked } = await serve({ 1: registers, 2: { dead: true }, 3: registers, 4: registers });
    const adapter = newAdapter();
    const metrics = [0, 200].map((register) => ({ metric: `m${register}`, register, type: "uint16" }));
    const units = [2, 1, 3, 4].map((unit) => subject(adapter, { tcp, unit, metrics, timeout: "300ms" }, `unit-${unit}`));
    const taken = await Promise.allSettled(units.map(({ source }) => source.poll(soon())));
    expect(taken.map((one) => one.status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(asked.filter(({ unit }) => unit === 2).length).toBe(1);
    for (const { sink } of units.slice(1)) expect([sink.latest("m0")?.value, sink.latest("m200")?.value]).toEqual([1, 2]);
  });

  it("shares one connection among the units of a host and port, and keeps it from round to round", async () => {
    const server = await startRawModbus((request, socket) => void socket.write(replyTo(request, request.unit)));
    cleanups.push(server.stop);
    const adapter = newAdapter();
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const unitAt = (unit: number): Subject => subject(adapter, { tcp: `127.0.0.1:${server.port}`, unit, metrics });
    const first = unitAt(1);
    const second = unitAt(2);
    const units = [first, second, unitAt(3)];
    for (let round = 0; round < 3; round++) await Promise.all(units.map(({ source }) => source.poll(soon())));
    expect(units.map(({ sink }) => sink.latest("x")?.value)).toEqual([1, 2, 3]);
    expect(server.connections()).toBe(1);
    // One unit that goes leaves the others their connection.
    await first.source.close();
    await second.source.poll(soon());
    expect(server.connections()).toBe(1);
  });

  it("lives on after its device was away", async () => {
    const units = new Map<number, UnitRegisters>([[1, { holding: table({ 0: "0005" }) }]]);
    const first = await startModbusServer(units);
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const { source, sink } = subject(newAdapter(), { tcp: `127.0.0.1:${first.port}`, metrics });
    await source.poll(soon());
    await first.stop();
    expect(["refused", "disconnected"]).toContain((await failureOf(source)).fault);
    const again = await startModbusServer(units, first.port);
    cleanups.push(again.stop);
    await source.poll(soon());
    expect(sink.puts.map((put) => put.value)).toEqual([5, 5]);
  });

  it("rejects the round that is under way when it is closed", async () => {
    const server = await startRawModbus(() => {});
    cleanups.push(server.stop);
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const { source } = subject(newAdapter(), { tcp: `127.0.0.1:${server.port}`, metrics, timeout: "5s" });
    const failure = failureOf(source);
    await source.close();
    expect((await failure).message).toContain("holding 0+1: ");
    expect((await failureOf(source)).message).toContain(`127.0.0.1:${server.port} unit 1`);
  });
});
