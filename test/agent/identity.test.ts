import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CollectorClient } from "../../agent/client.ts";
import { EnrolError, enrol, enrolAtStart } from "../../agent/enrol.ts";
import { Identity } from "../../agent/identity.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { newPrivateKey, publicKeyOf } from "../../core/signature.ts";
import { type House, markPath, openHouse } from "../collector/door/guests.ts";
import { until } from "../peers/process.ts";

let folder: string;
let file: string;
let house: House;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-identity-"));
  file = join(folder, "keys", "agent.key");
  house = await openHouse({ users: false, loopback: false });
});
afterEach(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;
const client = (identity: Identity): CollectorClient =>
  new CollectorClient({ collector: house.server.url, clock: house.clock, key: () => identity.key() });
const joinToken = (): string => house.tokens.create({ kind: "join", name: "", ttlMs: 60_000, now: house.clock.now() }).token;
const parts = (identity: Identity) => ({ agent: "hall-1", client: client(identity), identity, clock: house.clock });

test("a key is made once, mode 0600, and stays what it is until the collector has it", () => {
  const identity = new Identity(file);
  expect(identity.key()).toBeUndefined();
  const pending = publicKeyOf(identity.pending());
  expect(publicKeyOf(new Identity(file).pending())).toBe(pending);
  expect([identity.key(), statSync(`${file}.new`).mode & 0o777]).toEqual([undefined, 0o600]);
  identity.accept();
  expect([identity.publicKey(), readdirSync(join(folder, "keys"))]).toEqual([pending, ["agent.key"]]);
});

test("a key that others may read, or that is none, is not used, and not shown", () => {
  const identity = new Identity(join(folder, "k"));
  writeFileSync(join(folder, "k"), newPrivateKey(), { mode: 0o644 });
  chmodSync(join(folder, "k"), 0o644);
  expect(() => identity.key()).toThrow("mode 644: others may read the agent's key");
  chmodSync(join(folder, "k"), 0o600);
  expect(identity.publicKey()).toMatch(/^MCow/);
  writeFileSync(join(folder, "k"), "hunter2");
  expect(() => identity.key()).toThrow(/k holds no Ed25519 private key in PEM$/);
});

describe("enrolment", () => {
  test("hands over the public half; what is sent from then on is signed", async () => {
    const identity = new Identity(file);
    const { client: before } = parts(identity);
    const ask = { method: "GET", path: markPath("hall-1"), headers: signable() } as const;
    expect((await before.ask(ask, never)).status).toBe(401);
    await enrol({ ...parts(identity), token: joinToken() }, never);
    expect(house.enrolled.get("hall-1")?.key).toBe(identity.publicKey());
    expect((await before.ask(ask, never)).status).toBe(200);
  });

  test("changes the key; a change whose answer was lost is gone on with", async () => {
    const identity = new Identity(file);
    await enrol({ ...parts(identity), token: joinToken() }, never);
    const first = identity.publicKey();
    const lost = {
      ...parts(identity),
      client: {
        ask: async (...args: Parameters<CollectorClient["ask"]>) => {
          await client(identity).ask(...args);
          throw new Error("cut off");
        },
      },
    };
    await expect(enrol(lost, never)).rejects.toThrow("cut off");
    expect([identity.publicKey(), existsSync(`${file}.new`)]).toEqual([first, true]);
    await enrol(parts(identity), never);
    expect(identity.publicKey()).not.toBe(first);
    expect(house.enrolled.get("hall-1")?.key).toBe(identity.publicKey());
  });

  test("is refused with what the collector says, and leaves no key that would be used", async () => {
    const identity = new Identity(file);
    const refused = enrol({ ...parts(identity), token: "mwj_nonsense" }, never);
    await expect(refused).rejects.toThrow(EnrolError);
    await expect(refused).rejects.toThrow("agent hall-1: the collector answered 401");
    expect(identity.key()).toBeUndefined();
  });

  test("at the start of an agent is tried until it is let in; a key that is there is enough", async () => {
    const identity = new Identity(file);
    let token = "mwj_nonsense";
    const joining = enrolAtStart({ ...parts(identity), token: () => token, log: silentLog }, never);
    await until("it waits", 5000, () => house.clock.waiting > 0 && existsSync(`${file}.new`));
    token = joinToken();
    await until("it is let in", 5000, async () => {
      await house.clock.advance(5000);
      return identity.key() !== undefined;
    });
    await joining;
    const asked = { ask: () => Promise.reject(new Error("nobody is to be asked")) };
    await enrolAtStart({ ...parts(identity), client: asked, token: () => "", clock: systemClock(), log: silentLog }, never);
  });
});

function signable(): Record<string, string> {
  return { "x-millwright-agent": "hall-1", "x-millwright-epoch": "e", "x-millwright-sent-at": `${house.clock.now()}` };
}
