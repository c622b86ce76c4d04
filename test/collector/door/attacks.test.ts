import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenOn } from "../../../collector/listen.ts";
import { ask } from "../http/server.ts";
import { batch, Guest, type House, ingestPath, openHouse } from "./guests.ts";

let house: House;
let admin: Record<string, string>;
beforeAll(async () => {
  house = await openHouse({ loopback: false });
  house.enrolled.add("hall-1", { key: new Guest().publicKey, enrolled: 0 });
  admin = house.apiToken(["read", "metrics", "act", "admin"]);
});
afterAll(() => house.close());

/** What comes back for these bytes until the other side closes, or has answered so many times. */
function raw(text: string, answers = 1): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const socket = connect(house.server.port, "127.0.0.1", () => socket.write(text, "latin1"));
    socket.on("data", (bytes) => {
      said += bytes.toString("latin1");
      if ([...said.matchAll(/HTTP\/1\.1 (?!100)/g)].length >= answers && !said.endsWith("HTTP/1.1 100 Continue\r\n\r\n")) socket.destroy();
    });
    socket.on("close", () => resolve(said));
    socket.on("error", reject);
  });
}
const statuses = (said: string): number[] => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
const head = (line: string, ...more: string[]): string => `${[line, "Host: 127.0.0.1", ...more].join("\r\n")}\r\n\r\n`;

describe("a path that looks like another", () => {
  // Express compares without case and with a slash at the end; what it lets through has met the door under the route's own name.
  test.each([
    "//api/v1/assets",
    "/api//v1/assets",
    "/./api/v1/assets",
    "/x/../api/v1/assets",
    "/%2e%2e/api/v1/assets",
    "/api/v1/%2e%2e/v1/assets",
    "/api%2fv1%2fassets",
    "/api/v1/assets;x=1",
    "/api/v1/assets%00",
    "/api/v1/assets/",
    "/API/v1/Assets",
    "/api/v1/assets?",
    "/api/v1/assets#x",
    "/api/v1/assets/filler-31/../..",
    "http://127.0.0.1/api/v1/assets",
    "/api/v1/assets%20",
    "/%61pi/v1/assets",
    "/\\api\\v1\\assets",
    "/.door/audit.ndjson",
    "/%2e%2e%2f%2e%2e%2fetc/passwd",
    "/..%5c..%5cetc/passwd",
    "/app.js/../.door/audit.ndjson",
  ])("%s shows nothing to nobody", async (path) => {
    const said = await raw(head(`GET ${path} HTTP/1.1`, "Connection: close"));
    expect(statuses(said).every((status) => [400, 401, 403, 404, 405].includes(status))).toBe(true);
    expect(said).not.toMatch(/"sources"|root:|"who"/);
  });
});

describe("methods", () => {
  test.each(["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY"])("%s is answered 405, also to an admin", async (method) => {
    for (const path of ["/api/v1/assets", "/api/v1/ingest", "/api/v1/security", "/metrics"]) {
      const answer = await ask(house.server.port, method, path, { ...admin, "x-secret": "echo-me" });
      expect([answer.status, answer.text.includes("echo-me"), answer.headers["access-control-allow-origin"]]).toEqual([
        405,
        false,
        undefined,
      ]);
    }
  });

  test("HEAD asks for what GET asks for, and has no body", async () => {
    expect((await ask(house.server.port, "HEAD", "/api/v1/security")).status).toBe(401);
    expect(await ask(house.server.port, "HEAD", "/api/v1/security", admin)).toMatchObject({ status: 200, text: "" });
  });

  test("no header makes another method of it", async () => {
    const headers = { ...house.apiToken(["read"]), "x-http-method-override": "POST", "x-http-method": "POST", "x-method-override": "POST" };
    expect((await house.server.get("/api/v1/alarms/x/ack?_method=POST", headers)).status).toBe(405);
  });
});

describe("requests in requests", () => {
  const hidden = "GET /api/v1/assets HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  test.each<[what: string, lines: readonly string[], body: string]>([
    ["both lengths", [`Content-Length: ${hidden.length + 5}`, "Transfer-Encoding: chunked"], `0\r\n\r\n${hidden}`],
    ["two lengths", ["Content-Length: 0", `Content-Length: ${hidden.length}`], hidden],
    ["two lengths in one line", [`Content-Length: 0, ${hidden.length}`], hidden],
    ["a length with a sign", [`Content-Length: +${hidden.length}`], hidden],
    ["an unknown coding", ["Transfer-Encoding: xchunked"], `0\r\n\r\n${hidden}`],
    ["a coding twice", ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], `0\r\n\r\n${hidden}`],
    ["a space before the colon", [`Content-Length : ${hidden.length}`], hidden],
    ["a folded line", ["X: a", " Content-Length: 5"], hidden],
    ["a bare line feed", ["X: a\nContent-Length: 5"], hidden],
    ["a chunk that overflows", ["Transfer-Encoding: chunked"], `fffffffffffffffff\r\n${hidden}`],
    ["a chunk with a sign", ["Transfer-Encoding: chunked"], `-1\r\n${hidden}`],
    ["a NUL in a value", ["X: a\u0000b"], hidden],
  ])("%s: one refusal, and the rest is not read", async (_, lines, body) => {
    const said = await raw(head("POST /api/v1/session HTTP/1.1", "Content-Type: application/json", ...lines) + body, 2);
    expect(statuses(said)).toEqual([400]);
  });

  test("a head that is too large is refused", async () => {
    expect(statuses(await raw(head("GET /healthz HTTP/1.1", `X: ${"x".repeat(20_000)}`)))).toEqual([431]);
    expect(statuses(await raw(`GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`))).toEqual([431]);
  });
});

describe("before it is known who asks", () => {
  test("no body is waited for: the refusal comes without it", async () => {
    const expecting = ["Expect: 100-continue", "Content-Length: 8000000", "Content-Type: application/vnd.millwright.batch"];
    const said = await raw(head("POST /api/v1/ingest HTTP/1.1", ...expecting));
    expect(statuses(said)).toContain(401);
  });

  test.each(["gzip", "br", "deflate", "zstd", "x-gzip, gzip"])("a bomb of %s is not inflated", async (encoding) => {
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    const before = process.memoryUsage().arrayBuffers;
    for (const path of ["/api/v1/session", "/api/v1/enrol", "/api/v1/what-if", ingestPath]) {
      const headers = { "content-type": "application/json", "content-encoding": encoding };
      const { status } = await house.server.post(path, bomb, headers);
      expect([400, 401, 413, 415]).toContain(status);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
  });

  test("a bomb from an agent whose signature is not good is not inflated", async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 << 20));
    const stranger = new Guest();
    const headers = { ...batch, ...stranger.signed("POST", ingestPath, { body: bomb }) };
    expect((await house.server.post(ingestPath, bomb, headers)).status).toBe(401);
  });

  test("a session that the browser brings along is not the one it gets: nobody can plant one", async () => {
    const planted = "A".repeat(43);
    const body = JSON.stringify({ user: "viewer", password: "correct horse battery staple" });
    const headers = { "content-type": "application/json", cookie: `millwright_session=${planted}` };
    const answer = await house.server.post("/api/v1/session", body, headers);
    expect([answer.status, String(answer.headers["set-cookie"]).includes(planted)]).toEqual([200, false]);
    expect((await house.server.get("/api/v1/assets", { cookie: `millwright_session=${planted}` })).status).toBe(401);
  });

  test("X-Forwarded-* of anybody is not believed", async () => {
    const forged = {
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "localhost",
      "x-real-ip": "127.0.0.1",
    };
    expect((await house.server.get("/api/v1/assets", forged)).status).toBe(401);
    const body = JSON.stringify({ user: "viewer", password: "correct horse battery staple" });
    const cookie = String(
      (await house.server.post("/api/v1/session", body, { "content-type": "application/json", ...forged })).headers["set-cookie"],
    );
    expect(cookie).toMatch(/^millwright_session=/);
    expect((await house.server.get("/healthz", { host: "evil.example", "x-forwarded-host": "localhost" })).status).toBe(421);
  });
});

test("two tokens of one name are good side by side, so that one can take the place of the other", async () => {
  const [old, fresh] = [house.apiToken(["read"]), house.apiToken(["read"])];
  for (const token of [old, fresh]) expect((await house.server.get("/api/v1/assets", token)).status).toBe(200);
  house.tokens.revoke((old["authorization"] ?? "").split("_")[1] ?? "");
  expect((await house.server.get("/api/v1/assets", old)).status).toBe(401);
  expect((await house.server.get("/api/v1/assets", fresh)).status).toBe(200);
});

test("whatever stands in a name or a path, an act is one line of the audit log", async () => {
  const names = ['eva"}\n{"who":"admin","act":"sign in"', "\u2028x\u2029", "a\u0000b\u001b[2J", "\ud800", "x".repeat(190)];
  for (const user of names)
    await house.server.post("/api/v1/session", JSON.stringify({ user, password: "x" }), { "content-type": "application/json" });
  await house.server.post(`/api/v1/alarms/${encodeURIComponent('x"}\n{"who":"admin"')}/ack`, "{}", { "content-type": "application/json" });
  const lines = readFileSync(join(house.dir, "audit.ndjson"), "utf8").trimEnd().split("\n");
  const acts = lines.map((line) => JSON.parse(line) as { who: string; outcome: string });
  expect(acts.some(({ who }) => who === "admin")).toBe(false);
  expect(acts.filter(({ outcome }) => outcome === "refused").length).toBeGreaterThanOrEqual(names.length);
});

describe("who is slow", () => {
  test.each([
    ["with a head", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: "],
    ["with a body", head("POST /api/v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 100").concat("{")],
  ])("%s is cut off, while others are served", async (_, start) => {
    const limits = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };
    const server = await listenOn("127.0.0.1:0", (_request, response) => response.end("well"), { limits });
    const port = Number(new URL(server.url).port);
    const cut = new Promise<string>((resolve) => {
      let said = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(start));
      const drip = setInterval(() => socket.write("x"), 20);
      socket.on("data", (bytes) => {
        said += bytes.toString();
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        clearInterval(drip);
        resolve(said);
      });
    });
    expect((await ask(port, "GET", "/healthz")).status).toBe(200);
    expect(await cut).toContain(" 408 ");
    await server.close(0);
  });
});
