import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { usersFault } from "../../../collector/door/people.ts";
import { Secret } from "../../../config/secret.ts";
import { type House, openHouse, password } from "./guests.ts";

const json = { "content-type": "application/json" };
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const knock = (user: string, secret: string, headers = {}) =>
  house.server.post("/api/v1/session", JSON.stringify({ user, password: secret }), { ...json, ...headers });

describe("sessions", () => {
  test("the cookie is HttpOnly, SameSite=Strict and of this host; what is stored is not what it holds", async () => {
    const [cookie = ""] = (await knock("viewer", password)).headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^millwright_session=[A-Za-z0-9_-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
  });

  test("says who asks; ends when it is told to, and with it its event streams", async () => {
    const eva = await house.signIn("operator");
    expect((await house.server.get("/api/v1/session", eva)).json).toMatchObject({ name: "operator", role: "operator", sign_in: true });
    const stream = await fetch(`${house.server.url}/api/v1/events`, { headers: eva });
    const read = stream.text().catch(() => "cut off");
    expect((await house.server.post("/api/v1/session/end", "", eva)).status).toBe(200);
    expect(await read).toBe("cut off");
    expect((await house.server.get("/api/v1/assets", eva)).status).toBe(401);
    expect((await house.server.get("/api/v1/session", eva)).json).toMatchObject({ name: "anonymous", rights: [] });
  });

  test("ends after 12 h without a request, and after 7 days in any case", async () => {
    const eva = await house.signIn("viewer");
    const status = async (): Promise<number> => (await house.server.get("/api/v1/assets", eva)).status;
    await house.clock.advance(12 * 3_600_000 + 1);
    expect(await status()).toBe(401);
    const again = await house.signIn("viewer");
    for (let h = 0; h < 7 * 24; h += 8) {
      await house.clock.advance(8 * 3_600_000);
      expect((await house.server.get("/api/v1/assets", again)).status).toBe(h + 8 < 7 * 24 + 1 ? 200 : 401);
    }
    await house.clock.advance(1);
    expect((await house.server.get("/api/v1/assets", again)).status).toBe(401);
  });

  test("ends when a new config has the user no more, or another password file", async () => {
    const [viewer, operator, admin] = [await house.signIn("viewer"), await house.signIn("operator"), await house.signIn("admin")];
    const file = new Secret("file:hash", house.dir);
    writeFileSync(join(house.dir, "hash-2"), readFileSync(join(house.dir, "hash")));
    const users = {
      operator: { role: "operator", password: file },
      admin: { role: "admin", password: new Secret("file:hash-2", house.dir) },
    } as const;
    house.door.reload({ users: { ...users, viewer: { role: "viewer", password: file } }, assets: {} });
    expect((await house.server.get("/api/v1/assets", admin)).status).toBe(401);
    house.door.reload({ users, assets: {} });
    expect((await house.server.get("/api/v1/assets", viewer)).status).toBe(401);
    expect((await house.server.get("/api/v1/assets", operator)).status).toBe(200);
    house.door.reload({
      users: { ...users, admin: { role: "admin", password: file }, viewer: { role: "viewer", password: file } },
      assets: {},
    });
  });
});

describe("another site's page", () => {
  test.each<[string, Record<string, string>, number]>([
    ["by its origin", { origin: "https://evil.example" }, 403],
    ["by fetch metadata", { "sec-fetch-site": "cross-site" }, 403],
    ["of a neighbour host", { "sec-fetch-site": "same-site" }, 403],
    ["without an origin", { origin: "null" }, 403],
    ["our own", {}, 200],
  ])("%s", async (_, headers, status) => {
    const eva = await house.signIn("viewer");
    expect((await house.server.post("/api/v1/what-if", '{"set":{}}', { ...json, ...eva, ...headers })).status).toBe(status);
    const stranger = await openHouse({ users: false });
    expect((await stranger.server.post("/api/v1/what-if", '{"set":{}}', { ...json, ...headers })).status).toBe(status);
    await stranger.close();
  });

  test("a session's POST that says no origin is refused; a token's is not", async () => {
    const { cookie = "" } = await house.signIn("viewer");
    expect((await house.server.post("/api/v1/what-if", '{"set":{}}', { ...json, cookie })).status).toBe(403);
    expect((await house.server.post("/api/v1/what-if", '{"set":{}}', { ...json, ...house.apiToken(["read"]) })).status).toBe(200);
  });
});

describe("API tokens", () => {
  test("count until they expire or are revoked, and not with another secret", async () => {
    const short = house.apiToken(["read"], 1000);
    const status = async (headers: Record<string, string>): Promise<number> => (await house.server.get("/api/v1/assets", headers)).status;
    expect(await status(short)).toBe(200);
    const text = short["authorization"] ?? "";
    expect(await status({ authorization: `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}` })).toBe(401);
    house.clock.step(1000);
    expect(await status(short)).toBe(401);
    const long = house.apiToken(["read"]);
    const id = (long["authorization"] ?? "").split("_")[1] ?? "";
    expect(await status(long)).toBe(200);
    expect(house.tokens.revoke(id)).toBe(true);
    expect(await status(long)).toBe(401);
  });

  test("are kept as hashes in files that nobody else reads", () => {
    const text = house.apiToken(["read"])["authorization"]?.slice(7) ?? "";
    const [, id = "", secret = ""] = /^mwa_([0-9a-f]+)_(.+)$/.exec(text) ?? [];
    const file = join(house.dir, "tokens", `${id}.json`);
    expect(readFileSync(file, "utf8")).not.toContain(secret);
    expect([statSync(file).mode & 0o777, statSync(join(house.dir, "tokens")).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("a join token opens nothing but enrolment", async () => {
    const { token } = house.tokens.create({ kind: "join", name: "", ttlMs: 1000, now: house.clock.now() });
    expect((await house.server.get("/api/v1/assets", { authorization: `Bearer ${token}` })).status).toBe(401);
  });
});

describe("without users", () => {
  test("whoever is on this machine may do everything, whoever comes from elsewhere may look", async () => {
    const at = async (loopback: boolean): Promise<unknown> => {
      const open = await openHouse({ users: false, loopback });
      const { json: said } = await open.server.get<{ sign_in: boolean; rights: string[] }>("/api/v1/session");
      await open.close();
      return [said.sign_in, said.rights];
    };
    expect(await at(true)).toEqual([false, ["read", "metrics", "act", "admin"]]);
    expect(await at(false)).toEqual([false, ["read", "metrics"]]);
  });
});

test("a user whose hash is none is a fault of the config; the hash is not repeated", () => {
  writeFileSync(join(house.dir, "plain"), "hunter2hunter2");
  expect(usersFault({ eva: { role: "viewer", password: new Secret("file:plain", house.dir) } })).toBe(
    "users.eva.password: is no scrypt hash: `millwright user hash` makes one",
  );
  expect(usersFault({ eva: { role: "viewer", password: new Secret("file:none", house.dir) } })).toContain("cannot be read");
});

test("five failures at one name are answered 429, also with the right password, and are written down", async () => {
  const strict = await openHouse();
  const sign = (user: string, secret: string) => strict.server.post("/api/v1/session", JSON.stringify({ user, password: secret }), json);
  const tries = await Promise.all(Array.from({ length: 7 }, () => sign("viewer", "wrong")));
  expect(tries.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429]);
  const right = await sign("viewer", password);
  expect([right.status, Number(right.headers["retry-after"])]).toEqual([429, 300]);
  expect((await sign("admin", password)).status).toBe(200);
  expect((await sign("__proto__", password)).status).toBe(401);
  await strict.clock.advance(300_000);
  expect((await sign("viewer", password)).status).toBe(200);
  const audit = readFileSync(join(strict.dir, "audit.ndjson"), "utf8");
  expect(
    audit
      .trim()
      .split("\n")
      .filter((line) => line.includes('"refused"')),
  ).toHaveLength(6);
  expect(audit).not.toContain(password);
  expect(existsSync(join(strict.dir, "audit.ndjson"))).toBe(true);
  await strict.close();
});
