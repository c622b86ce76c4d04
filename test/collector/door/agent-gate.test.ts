import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { proveKey } from "../../../core/signature.ts";
import { start } from "../http/server.ts";
import { batch, Guest, type House, ingestPath, markPath, openHouse } from "./guests.ts";

let house: House;
const hall = new Guest();
const body = Buffer.from([1, 2, 3]);
beforeEach(async () => {
  house = await openHouse({ users: false });
});
afterEach(() => house.close());

const post = async (headers: Record<string, string>, bytes = body): Promise<number> =>
  (await house.server.post(ingestPath, bytes, { ...batch, ...headers })).status;
const signed = (more: { sentAt?: number; seq?: string } = {}): Record<string, string> => hall.signed("POST", ingestPath, { body, ...more });

describe("unsigned requests", () => {
  const unsigned = { "x-millwright-agent": "hall-1", "x-millwright-epoch": "5f0c6d0e-0000-4000-8000-000000000000" };
  const whole = { ...unsigned, "x-millwright-seq": "1", "x-millwright-sent-at": `${start}`, "x-millwright-version": "1" };

  test("are taken on loopback while no agent is enrolled", async () => {
    expect(await post(whole)).toBe(200);
    house.enrolled.add("hall-1", { key: hall.publicKey, enrolled: 0 });
    expect(await post(whole)).toBe(401);
    expect((await house.server.get(markPath("hall-1"))).status).toBe(401);
    house.enrolled.revoke("hall-1");
    expect(await post(whole)).toBe(200);
  });

  test("are never taken where others reach the listener", async () => {
    const open = await openHouse({ users: false, loopback: false });
    expect((await open.server.post(ingestPath, body, { ...batch, ...whole })).status).toBe(401);
    await open.close();
  });
});

describe("signed requests", () => {
  beforeEach(() => void house.enrolled.add("hall-1", { key: hall.publicKey, enrolled: 0 }));

  test("are taken as they were signed, and not as anything else", async () => {
    expect(await post(signed())).toBe(200);
    expect(await post({ ...signed({ sentAt: start + 1 }), "x-millwright-seq": "43" })).toBe(401);
    expect(await post({ ...signed({ sentAt: start + 2 }), "x-millwright-sent-at": `${start}` })).toBe(401);
    expect(await post({ ...signed({ sentAt: start + 3 }), "x-millwright-epoch": "5f0c6d0e-0000-4000-8000-000000000001" })).toBe(401);
    expect(await post(signed({ sentAt: start + 4 }), Buffer.from([1, 2, 4]))).toBe(401);
    expect(await post(hall.signed("GET", ingestPath, { body }))).toBe(401);
    expect(await post(hall.signed("POST", "/api/v1/other", { body }))).toBe(401);
    expect(await post({ ...signed(), "x-millwright-signature": "" })).toBe(401);
    expect(await post({ ...signed(), "x-millwright-signature": "A".repeat(100_0) })).toBe(401);
    expect(await post(hall.signed("POST", ingestPath, { body, seq: "" }))).toBe(401);
  });

  test("by another key, under another's name, or of nobody are refused", async () => {
    const thief = new Guest("hall-1");
    expect(await post(thief.signed("POST", ingestPath, { body }))).toBe(401);
    const other = new Guest("hall-2");
    house.enrolled.add("hall-2", { key: other.publicKey, enrolled: 0 });
    expect(await post({ ...other.signed("POST", ingestPath, { body }), "x-millwright-agent": "hall-1" })).toBe(401);
    expect(await post(new Guest("nobody").signed("POST", ingestPath, { body }))).toBe(401);
    expect(await post(new Guest("../hall-1").signed("POST", ingestPath, { body }))).toBe(401);
    const path = markPath("hall-1");
    expect((await house.server.get(path, other.signed("GET", path))).status).toBe(403);
    expect((await house.server.get(path, hall.signed("GET", path))).status).toBe(200);
  });

  test("are taken once", async () => {
    const once = signed();
    expect([await post(once), await post(once)]).toEqual([200, 401]);
    expect(await post(signed({ sentAt: start - 16 * 60_000 }))).toBe(401);
    expect(await post(signed({ sentAt: start - 14 * 60_000 }))).toBe(200);
  });

  test("of an agent that is revoked are refused from then on", async () => {
    expect(await post(signed())).toBe(200);
    house.enrolled.revoke("hall-1");
    house.enrolled.add("hall-2", { key: new Guest("hall-2").publicKey, enrolled: 0 });
    expect(await post(signed({ sentAt: start + 1 }))).toBe(401);
  });

  test("are refused by their head alone, before a body is read", async () => {
    const headers = new Guest("nobody").signed("POST", ingestPath);
    const answer = await house.server.post(ingestPath, Buffer.alloc(9 << 20), { ...batch, ...headers });
    // 413 would say that the body was looked at.
    expect(answer.status).toBe(401);
  });
});

describe("enrolment", () => {
  const enrolBody = (guest: Guest): string =>
    JSON.stringify({ agent: guest.name, key: guest.publicKey, proof: proveKey(guest.name, guest.key) });
  const joinToken = (more: { agent?: string; assets?: string[] } = {}, ttlMs = 60_000): string =>
    house.tokens.create({ kind: "join", name: "", ttlMs, now: house.clock.now(), ...more }).token;
  const enrol = (guest: Guest, token: string, text = enrolBody(guest)) =>
    house.server.post("/api/v1/enrol", text, { authorization: `Bearer ${token}` });

  test("takes a join token once; the same key again is no fault", async () => {
    const token = joinToken();
    expect((await enrol(hall, token)).status).toBe(200);
    expect(house.enrolled.get("hall-1")).toEqual({ key: hall.publicKey, enrolled: start });
    expect((await enrol(hall, token)).status).toBe(200);
    expect((await enrol(new Guest("hall-2"), token)).status).toBe(401);
    expect(await post(signed())).toBe(200);
  });

  test("of ten who come with one token at once, one is enrolled", async () => {
    const token = joinToken();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => enrol(new Guest(`hall-${i}`), token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(house.enrolled.names()).toHaveLength(1);
  });

  test.each<[string, () => Promise<{ status: number }>, number]>([
    ["a token that is made up", () => enrol(hall, `mwj_000000000000_${"A".repeat(43)}`), 401],
    ["an API token", () => enrol(hall, (house.apiToken(["admin"])["authorization"] ?? "").slice(7)), 401],
    ["the right id with another secret", () => enrol(hall, joinToken().slice(0, 17) + "A".repeat(43)), 401],
    ["a token for another name", () => enrol(hall, joinToken({ agent: "hall-2" })), 403],
    ["a key without a proof", () => enrol(hall, joinToken(), JSON.stringify({ agent: "hall-1", key: hall.publicKey, proof: "x" })), 400],
    ["a proof for another name", () => enrol(hall, joinToken(), enrolBody(hall).replace('"hall-1"', '"hall-2"')), 400],
    ["a key that is none", () => enrol(hall, joinToken(), '{"agent":"hall-1","key":"AAAA","proof":"x"}'), 400],
    ["no JSON", () => enrol(hall, joinToken(), "{"), 400],
    ["a name that is a path", () => enrol(hall, joinToken(), JSON.stringify({ agent: "../x", key: "", proof: "" })), 400],
  ])("%s enrols nobody", async (_, attempt, status) => {
    expect((await attempt()).status).toBe(status);
    expect(house.enrolled.names()).toEqual([]);
  });

  test("a token that has expired enrols nobody, and a name that is taken is not taken over", async () => {
    const late = joinToken({}, 1000);
    house.clock.step(1000);
    expect((await enrol(hall, late)).json.detail).toBe("the join token has expired");
    expect((await enrol(hall, joinToken())).status).toBe(200);
    const token = joinToken();
    expect((await enrol(new Guest("hall-1"), token)).status).toBe(409);
    expect((await enrol(new Guest("hall-2"), token)).status).toBe(200);
  });

  test("a new key counts by the word of the present one; the old one until the new one is used", async () => {
    await enrol(hall, joinToken());
    const next = new Guest("hall-1");
    const text = enrolBody(next);
    const byThief = await house.server.post("/api/v1/enrol", text, new Guest("hall-1").signed("POST", "/api/v1/enrol", { body: text }));
    expect(byThief.status).toBe(401);
    const answer = await house.server.post("/api/v1/enrol", text, hall.signed("POST", "/api/v1/enrol", { body: text }));
    expect(answer.status).toBe(200);
    expect(await post(signed({ sentAt: start + 1 }))).toBe(200);
    expect(await post(next.signed("POST", ingestPath, { body, sentAt: start + 2 }))).toBe(200);
    expect(await post(signed({ sentAt: start + 3 }))).toBe(401);
  });

  test("guesses are answered 429 after twenty, and all of it stands in the audit log", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 22; i++) statuses.push((await enrol(hall, `mwj_000000000000_${"A".repeat(43)}`)).status);
    expect(statuses.slice(18)).toEqual([401, 401, 429, 429]);
    const lines = readFileSync(join(house.dir, "audit.ndjson"), "utf8").trim().split("\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ who: "agent hall-1", from: "127.0.0.1", act: "enrol", outcome: "refused" });
  });
});

test("an agent speaks for the assets of its patterns; without them for those that the config gives to no other agent", async () => {
  await house.close();
  const modbus = { tcp: "127.0.0.1:1502", profile: "demo" };
  house = await openHouse({ assets: { mine: { agent: "hall-1", modbus }, theirs: { agent: "hall-2", modbus }, ours: { modbus } } });
  const allowed = (agent: string): string[] => ["mine", "theirs", "ours", "unknown", "filler-3"].filter(house.door.agents.reach(agent));
  house.enrolled.add("hall-1", { key: hall.publicKey, enrolled: 0 });
  expect(allowed("hall-1")).toEqual(["mine", "ours", "unknown", "filler-3"]);
  house.enrolled.replace("hall-1", { key: hall.publicKey, enrolled: 0, assets: ["filler-*", "theirs"] });
  expect(allowed("hall-1")).toEqual(["theirs", "filler-3"]);
});
