import { createSocket, type Socket } from "node:dgram";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BerWriter } from "../../../../adapters/sources/snmp/ber.ts";
import { Deadlines } from "../../../../adapters/sources/snmp/deadlines.ts";
import { pduTag, readEnvelope } from "../../../../adapters/sources/snmp/envelope.ts";
import { MessageSigner } from "../../../../adapters/sources/snmp/hmac.ts";
import { KeyRing } from "../../../../adapters/sources/snmp/keys.ts";
import { encodeOid } from "../../../../adapters/sources/snmp/oid.ts";
import type { ReadKind } from "../../../../adapters/sources/snmp/pdu.ts";
import { createSession, type Session } from "../../../../adapters/sources/snmp/session.ts";
import { SharedSocket } from "../../../../adapters/sources/snmp/socket.ts";
import { type Keys, readSecureMessage, writeSecureMessage } from "../../../../adapters/sources/snmp/usm.ts";
import { systemClock } from "../../../../core/clock.ts";

const upTime = "1.3.6.1.2.1.1.3.0";
const ring = new KeyRing();
const writer = new BerWriter();
const nothing: Keys = { signer: undefined, privacy: undefined };

/** An agent whose engine a test turns: it answers any request with the names asked for, or with the report that is due. */
const agent: { engine: Buffer; boots: number; time: number; window: boolean; requests: number } = {
  engine: Buffer.alloc(0),
  boots: 1,
  time: 1000,
  window: true,
  requests: 0,
};
/** Makes keys as slowly as a test wants. */
class HeldRing extends KeyRing {
  held: Promise<void> = Promise.resolve();
  /** How often it was asked. */
  asked = 0;

  override async localise(hash: string, passphrase: string | Buffer, engine: Buffer): Promise<Buffer> {
    this.asked++;
    await this.held;
    return super.localise(hash, passphrase, engine);
  }
}

/** By how much the clock was turned, ms. */
let turned = 0;
let ours: HeldRing;
let told: Buffer[];
let socket: Socket;
let shared: { clock: ReturnType<typeof systemClock>; socket: SharedSocket; deadlines: Deadlines; ring: HeldRing };
let session: Session;

beforeEach(async () => {
  Object.assign(agent, { engine: Buffer.from("8000000001aa", "hex"), boots: 7, time: 1000, window: true, requests: 0 });
  socket = createSocket("udp4");
  socket.on("message", (bytes, from) => void reply(bytes).then((answer) => socket.send(answer, from.port, from.address)));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const system = systemClock();
  turned = 0;
  ours = new HeldRing();
  told = [];
  const clock = { ...system, monotonic: () => system.monotonic() + turned };
  shared = { clock, socket: new SharedSocket(), deadlines: new Deadlines(clock), ring: ours };
  const { port } = socket.address();
  session = createSession({
    peer: { address: "127.0.0.1", family: 4, port },
    target: `127.0.0.1:${port}`,
    credentials: { version: "3", user: "mon", context: "", auth: { protocol: "sha256", key: "maplesyrup" } },
    timeoutMs: 500,
    retries: 0,
    shared,
    malformed() {},
    met() {},
  });
});

afterEach(async () => {
  session.close();
  await shared.socket.close();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
});

async function reply(bytes: Buffer): Promise<Buffer> {
  agent.requests++;
  told.push(bytes);
  const signer = new MessageSigner("sha256", await ring.localise("sha256", "maplesyrup", agent.engine));
  const envelope = readEnvelope(bytes);
  const id = envelope === undefined ? 0 : envelope.id;
  const write = (keys: Keys, kind: number, name: string): Buffer => {
    const oid = encodeOid(name);
    // A device writes what we never do: reports and responses.
    const ask = { kind: kind as ReadKind, id, names: [{ bytes: oid, start: 0, end: oid.length }], repetitions: 0 };
    const at = { boots: agent.boots, time: agent.time };
    return writeSecureMessage(writer, { engine: agent.engine, at, user: Buffer.from("mon"), context: Buffer.alloc(0), keys, ask });
  };
  if (!bytes.includes(agent.engine)) return write(nothing, pduTag.report, "1.3.6.1.6.3.15.1.1.4.0");
  const { at } = readSecureMessage(bytes, { signer, privacy: undefined });
  const inWindow = at.boots === agent.boots && Math.abs(at.time - agent.time) <= 150;
  if (agent.window && !inWindow) return write({ signer, privacy: undefined }, pduTag.report, "1.3.6.1.6.3.15.1.1.2.0");
  return write({ signer, privacy: undefined }, pduTag.response, upTime);
}

async function asked(): Promise<number> {
  agent.requests = 0;
  expect((await session.get([upTime], AbortSignal.timeout(5000))).map(({ oid }) => oid)).toEqual([upTime]);
  return agent.requests;
}

describe("an engine", () => {
  it("is found once, then only asked", async () => {
    expect(await asked()).toBe(2);
    expect(await asked()).toBe(1);
  });

  it.each([
    ["counted its boot", { boots: 8, time: 3 }, 2],
    ["did not count its boot", { time: 3 }, 2],
    ["has fewer boots than before", { boots: 2, time: 3 }, 2],
    ["has a clock that leapt", { time: 900_000 }, 2],
    ["is another", { engine: Buffer.from("8000000001bb", "hex"), boots: 1, time: 5 }, 3],
  ])("that %s is read in the same call, and at once from then on", async (_, change, requests) => {
    await asked();
    Object.assign(agent, change);
    expect(await asked()).toBe(requests);
    expect(await asked()).toBe(1);
  });

  it("with a clock that stands still, or goes back, stays readable", async () => {
    agent.window = false;
    await asked();
    for (const time of [1000, 1000, 400, 0]) {
      agent.time = time;
      expect(await asked()).toBe(1);
    }
  });

  it("that has come to the end of its time is told no time beyond it", async () => {
    Object.assign(agent, { time: 2 ** 31 - 1, window: false });
    await asked();
    turned = 5000;
    await asked();
    const last = readSecureMessage(told.at(-1) ?? Buffer.alloc(0), {
      signer: new MessageSigner("sha256", await ring.localise("sha256", "maplesyrup", agent.engine)),
      privacy: undefined,
    });
    expect(last.at).toEqual({ boots: 7, time: 2 ** 31 - 1 });
  });
});

describe("while keys are made for an engine that was just met", () => {
  let release = (): void => {};
  const underWay = async (signal: AbortSignal): Promise<{ readonly answer: Promise<unknown> }> => {
    ours.held = new Promise((resolve) => {
      release = resolve;
    });
    const answer = session.get([upTime], signal).catch((error: unknown) => error);
    await vi.waitFor(() => expect(ours.asked).toBe(1));
    return { answer };
  };
  const settled = async (): Promise<void> => {
    release();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it("a round that ends ends the call, and nothing is asked any more", async () => {
    const round = new AbortController();
    const { answer } = await underWay(round.signal);
    round.abort();
    expect(await answer).toMatchObject({ fault: "timeout" });
    await settled();
    expect(agent.requests).toBe(1);
    // The next round has what this one began.
    expect(await asked()).toBe(1);
  });

  it("a session that is closed ends the call, and nothing is asked any more", async () => {
    const { answer } = await underWay(new AbortController().signal);
    session.close();
    expect(await answer).toMatchObject({ fault: "disconnected" });
    await settled();
    expect(agent.requests).toBe(1);
  });
});
