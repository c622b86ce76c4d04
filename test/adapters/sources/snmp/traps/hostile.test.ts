import { createSocket } from "node:dgram";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { BerWriter, tag } from "../../../../../adapters/sources/snmp/ber.ts";
import { localisedKeys } from "../../../../../adapters/sources/snmp/engine.ts";
import { KeyRing } from "../../../../../adapters/sources/snmp/keys.ts";
import { Names } from "../../../../../adapters/sources/snmp/names.ts";
import { encodeOid } from "../../../../../adapters/sources/snmp/oid.ts";
import { TrapBook } from "../../../../../adapters/sources/snmp/traps/book.ts";
import { TrapReader } from "../../../../../adapters/sources/snmp/traps/reader.ts";
import { Senders } from "../../../../../adapters/sources/snmp/traps/senders.ts";
import { writeSealed } from "../../../../../adapters/sources/snmp/usm.ts";
import { loadTrapProfiles } from "../../../../../config/trap-profile.ts";
import { trapPort } from "../../../../../config/traps.ts";
import { eventLimits, trapOutcomes } from "../../../../../core/asset-event.ts";
import { FakeClock } from "../../../../fake-clock.ts";
import { until } from "../../../../peers/process.ts";
import { assetAt, type OpenEars, openEars } from "./ears.ts";

const writer = new BerWriter();
const linkDown = "1.3.6.1.6.3.1.1.5.3";
const engine = Buffer.from("8000000001020304", "hex");
const user = {
  name: "mon",
  context: "",
  auth: { protocol: "sha256", key: "authpass123" },
  privacy: { protocol: "aes", key: "privpass123" },
} as const;

function writeVariable(oid: string, write: () => void): void {
  const end = writer.at;
  write();
  const name = writer.at;
  writer.copy(encodeOid(oid));
  writer.wrap(tag.oid, name);
  writer.wrap(tag.sequence, end);
}

function writePdu(kind: number, text: string): void {
  const end = writer.at;
  writeVariable("1.3.6.1.2.1.2.2.1.2.3", () => writer.octets(Buffer.from(text)));
  writeVariable("1.3.6.1.6.3.1.1.4.1.0", () => {
    const value = writer.at;
    writer.copy(encodeOid(linkDown));
    writer.wrap(tag.oid, value);
  });
  writer.wrap(tag.sequence, end);
  for (const number of [0, 0, 7]) writer.int(number);
  writer.wrap(kind, end);
}

/** A trap of v2c, as a device would send it. */
function trapOf(text: string, { community = "public", kind = 0xa7 } = {}): Buffer {
  writer.clear();
  const end = writer.at;
  writePdu(kind, text);
  writer.octets(Buffer.from(community));
  writer.int(1);
  writer.wrap(tag.sequence, end);
  return writer.take();
}

/** A trap of v3, signed and encrypted, of an engine of its own. */
async function secureTrap({ boots, time }: { readonly boots: number; readonly time: number }): Promise<Buffer> {
  const keys = await localisedKeys({ user, ring: new KeyRing() }, engine);
  const whom = { id: 5, reportable: false, engine, at: { boots, time }, user: Buffer.from(user.name), context: Buffer.alloc(0), keys };
  return writeSealed(writer, whom, () => writePdu(0xa7, "eth0"));
}

async function readerOf(clock = new FakeClock()): Promise<TrapReader> {
  const senders = new Senders({ names: new Names(clock), clock, port: trapPort.parse({ listen: "127.0.0.1:0" }) });
  const secure = { version: 3, user: "mon", auth: { sha256: "literal:authpass123" }, privacy: { aes: "literal:privpass123" } };
  await senders.place([
    { asset: "a", spec: assetAt({ community: "literal:public" }) },
    { asset: "b", spec: assetAt(secure) },
  ]);
  const local = { id: Buffer.from("80007ed90501020304", "hex"), now: () => ({ boots: 1, time: 10 }) };
  return new TrapReader({ senders, book: new TrapBook(loadTrapProfiles()), engine: local, clock });
}

describe("a receiver of anything", () => {
  test("mutations of good traps are taken or refused, never thrown, and what is taken is bounded", async () => {
    const clock = new FakeClock();
    const reader = await readerOf(clock);
    const samples = [trapOf("eth0"), trapOf("x".repeat(60_000)), trapOf("eth0", { kind: 0xa6 }), await secureTrap({ boots: 1, time: 100 })];
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.option(fc.nat(), { freq: 5 }) });
    const mutated = fc.record({ sample: fc.nat(samples.length - 1), changes: fc.array(change, { maxLength: 6 }) });
    await fc.assert(
      fc.asyncProperty(mutated, async ({ sample, changes }) => {
        await clock.advance(10);
        let bytes = Buffer.from(samples[sample] ?? samples[0] ?? []);
        for (const { at, byte, cut } of changes) {
          // Most of what can go wrong is in the first bytes: tags and lengths.
          if (bytes.length > 0) bytes[at % Math.min(bytes.length, 120)] = byte;
          if (cut !== null) bytes = bytes.subarray(0, cut % (bytes.length + 1));
        }
        const heard = await reader.read(bytes, "127.0.0.1");
        if (heard.kind === "refused") expect(trapOutcomes).toContain(heard.outcome);
        else {
          expect(heard.trap.text.length).toBeLessThanOrEqual(eventLimits.text);
          for (const value of Object.values(heard.trap.values)) expect(value.length).toBeLessThanOrEqual(eventLimits.value);
          heard.answer?.();
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["one byte", Buffer.from([0x30])],
    ["a length that passes the end", Buffer.from([0x30, 0x82, 0xff, 0xff, 2, 1, 1])],
    ["64 KiB of zeros", Buffer.alloc(65_507)],
    ["64 KiB of sequences in one another", Buffer.alloc(65_506, Buffer.from([0x30, 0x80]))],
    ["a version from the future", Buffer.from([0x30, 3, 2, 1, 9])],
    ["a GET", trapOf("x", { kind: 0xa0 })],
    ["a set", trapOf("x", { kind: 0xa3 })],
    ["text", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ])("%s is refused as malformed", async (_, bytes) => {
    const heard = await (await readerOf()).read(bytes, "127.0.0.1");
    expect(heard).toMatchObject({ kind: "refused", outcome: "malformed" });
  });

  test("a notification of thousands of variables is read as far as an event goes", async () => {
    const reader = await readerOf();
    writer.clear();
    const end = writer.at;
    for (let i = 0; i < 3000; i++) writeVariable(`1.3.6.1.4.1.99999.${i}`, () => writer.int(i));
    writeVariable("1.3.6.1.6.3.1.1.4.1.0", () => {
      const value = writer.at;
      writer.copy(encodeOid("1.3.6.1.4.1.99999.0.1"));
      writer.wrap(tag.oid, value);
    });
    writer.wrap(tag.sequence, end);
    for (const number of [0, 0, 7]) writer.int(number);
    writer.wrap(0xa7, end);
    writer.octets(Buffer.from("public"));
    writer.int(1);
    writer.wrap(tag.sequence, end);
    const heard = await reader.read(writer.take(), "127.0.0.1");
    expect(heard).toMatchObject({ kind: "trap", trap: { name: "1.3.6.1.4.1.99999.0.1", level: "unknown" } });
    if (heard.kind === "trap") expect(Object.keys(heard.trap.values)).toHaveLength(eventLimits.values);
  });

  test("more than can be looked into is refused unread, and later it goes on", async () => {
    const clock = new FakeClock();
    const reader = await readerOf(clock);
    const trap = trapOf("eth0");
    const outcomes: string[] = [];
    for (let i = 0; i < 2500; i++) {
      const heard = await reader.read(trap, "127.0.0.1");
      outcomes.push(heard.kind === "trap" ? "trap" : heard.outcome);
    }
    expect(outcomes.filter((one) => one === "trap")).toHaveLength(2000);
    expect(outcomes.at(-1)).toBe("overload");
    await clock.advance(1000);
    expect((await reader.read(trap, "127.0.0.1")).kind).toBe("trap");
  });

  test("a stranger is not looked at, whatever it sends", async () => {
    const reader = await readerOf();
    expect(await reader.read(trapOf("eth0"), "192.0.2.1")).toMatchObject({ outcome: "unknown_sender" });
  });
});

describe("recordings", () => {
  test("a trap of v3 that is played again later, or is of a boot before, is refused; the next one is taken", async () => {
    const clock = new FakeClock();
    const reader = await readerOf(clock);
    const kindOf = async (bytes: Buffer): Promise<string> => {
      const heard = await reader.read(bytes, "127.0.0.1");
      return heard.kind === "trap" ? "trap" : heard.outcome;
    };
    const recorded = await secureTrap({ boots: 2, time: 1000 });
    expect(await kindOf(recorded)).toBe("trap");
    await clock.advance(149_000);
    expect(await kindOf(recorded)).toBe("trap");
    await clock.advance(2000);
    expect(await kindOf(recorded)).toBe("not_in_time");
    expect(await kindOf(await secureTrap({ boots: 1, time: 99_999 }))).toBe("not_in_time");
    expect(await kindOf(await secureTrap({ boots: 2, time: 1160 }))).toBe("trap");
    expect(await kindOf(await secureTrap({ boots: 3, time: 0 }))).toBe("trap");
    expect(await kindOf(await secureTrap({ boots: 2, time: 1200 }))).toBe("not_in_time");
  });
});

describe("at the socket", () => {
  let open: OpenEars | undefined;
  afterEach(async () => {
    await open?.close();
    open = undefined;
  });

  test("garbage, its own words and 64 KiB do no harm: the next trap is taken", async () => {
    open = await openEars({ assets: { a: assetAt({ community: "literal:public" }) } });
    const { ears, receiver } = open;
    const socket = createSocket("udp4");
    const send = (bytes: Buffer): Promise<void> =>
      new Promise((resolve, reject) =>
        socket.send(bytes, receiver.port, "127.0.0.1", (error) => (error === null ? resolve() : reject(error))),
      );
    const answers: Buffer[] = [];
    socket.on("message", (bytes) => void answers.push(bytes));
    await send(Buffer.alloc(65_507, 0x30));
    await send(Buffer.from("ffffffff", "hex"));
    await send(trapOf("eth0", { kind: 0xa6 }));
    await until("the inform is answered", 5000, () => answers.length > 0);
    // What comes back to its sender is sent there again: a loop would answer for ever.
    for (const answer of [...answers]) await send(answer);
    await send(trapOf("eth1"));
    await until("the trap is heard", 5000, () => ears.traps.length === 2);
    expect(ears.traps.map(({ values }) => values["ifDescr"])).toEqual(["eth0", "eth1"]);
    expect(answers).toHaveLength(1);
    expect(new Set(ears.outcomes())).toEqual(new Set(["malformed"]));
    socket.close();
  });

  test("an inform that comes again before it is durable counts once and is answered each time", async () => {
    open = await openEars({ assets: { a: assetAt({ community: "literal:public" }) } });
    const { ears, receiver } = open;
    let durable = (_: boolean): void => {};
    ears.taking = () =>
      new Promise((resolve) => {
        durable = resolve;
      });
    const socket = createSocket("udp4");
    let answers = 0;
    socket.on("message", () => answers++);
    const inform = trapOf("eth0", { kind: 0xa6 });
    for (let i = 0; i < 3; i++) socket.send(inform, receiver.port, "127.0.0.1");
    await until("all are heard", 5000, () => ears.refusals.length === 2);
    expect(answers).toBe(0);
    durable(true);
    await until("all are answered", 5000, () => answers === 3);
    expect(ears.traps).toHaveLength(1);
    expect(ears.outcomes()).toEqual(["duplicate", "duplicate"]);
    socket.close();
  });
});
