import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessOf, tabledRoutes } from "../../../collector/door/access.ts";
import { newPrivateKey, proveKey, publicKeyOf, readPrivateKey } from "../../../core/signature.ts";
import { ask } from "../http/server.ts";
import { batch, epoch, Guest, type House, openHouse } from "./guests.ts";

/** One row of the table in docs/security.md. */
interface Row {
  readonly route: string;
  readonly access: string;
  readonly cells: Readonly<Record<string, string>>;
}

const rows = readTable(readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8"));
const columns = ["nobody", "viewer", "operator", "admin", "metrics token", "agent"];
const cases = rows.flatMap(({ route, cells }) => columns.map((who) => [who, route, cells[who] ?? ""] as const));

let house: House;
let hall: Guest;
let sessions: Record<string, Record<string, string>>;
let metricsToken: Record<string, string>;
let tries = 0;
beforeAll(async () => {
  house = await openHouse();
  hall = new Guest();
  house.enrolled.add(hall.name, { key: hall.publicKey, enrolled: 0 });
  sessions = {};
  for (const role of ["viewer", "operator", "admin"]) sessions[role] = await house.signIn(role);
  metricsToken = house.apiToken(["metrics"]);
});
afterAll(() => house.close());

function readTable(text: string): Row[] {
  const [head = "", , ...lines] = text.slice(text.indexOf("| route | asks for |")).split("\n\n")[0]?.trim().split("\n") ?? [];
  const cellsOf = (line: string): string[] =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", ""));
  const names = cellsOf(head);
  return lines.map((line) => {
    const [route = "", access = "", ...cells] = cellsOf(line);
    return { route, access, cells: Object.fromEntries(cells.map((cell, i) => [names[i + 2] ?? "", cell])) };
  });
}

/** A request that is good but for who asks. */
async function knock(who: string, route: string): Promise<number> {
  const [method = "", pattern = ""] = route.split(" ");
  const query: Record<string, string> = {
    "GET /api/v1/ingest": `?agent=${hall.name}&epoch=${epoch}`,
    "GET /api/v1/readings/range": "?asset=filler-31&metric=load_ratio",
  };
  const path = pattern.replace(":id", pattern.includes("services") ? "mes" : "filler-31") + (query[route] ?? "");
  const body = bodyOf(route);
  const type: Record<string, string> = route === "POST /api/v1/ingest" ? batch : { "content-type": "application/json" };
  const headers = { ...(method === "POST" ? type : {}), ...identity(who, { method: method as "GET" | "POST", path, body }) };
  if (pattern === "/api/v1/events") return statusOfStream(path, headers);
  return (await ask(house.server.port, method, path, headers, body)).status;
}

function bodyOf(route: string): string | undefined {
  if (route.startsWith("GET")) return undefined;
  if (route.endsWith("what-if")) return '{"set":{}}';
  if (route === "POST /api/v1/session") return JSON.stringify({ user: "viewer", password: "correct horse battery staple" });
  if (route !== "POST /api/v1/enrol") return "";
  const key = readPrivateKey(newPrivateKey());
  return JSON.stringify({ agent: "hall-9", key: publicKeyOf(key), proof: proveKey("hall-9", key) });
}

function identity(
  who: string,
  { method, path, body }: { method: "GET" | "POST"; path: string; body: string | undefined },
): Record<string, string> {
  if (who === "nobody") return {};
  if (who === "metrics token") return metricsToken;
  if (who !== "agent") return sessions[who] ?? {};
  return hall.signed(method, path, { ...(body === undefined ? {} : { body }), sentAt: Date.UTC(2026, 0, 1, 6) + tries++ });
}

async function statusOfStream(path: string, headers: Record<string, string>): Promise<number> {
  const stop = new AbortController();
  const answer = await fetch(house.server.url + path, { headers, signal: stop.signal });
  stop.abort();
  return answer.status;
}

describe("every route by every identity, as docs/security.md says", () => {
  test("the table has every route that is served, and no other; each asks for what it says there", async () => {
    const { paths } = (await house.server.get("/openapi.json", sessions["viewer"])).json as { paths: Record<string, object> };
    const served = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
    );
    expect(new Set(rows.map(({ route }) => route))).toEqual(new Set(served));
    expect(new Set(tabledRoutes)).toEqual(new Set(served));
    expect(rows.map(({ route, access }) => [route, access])).toEqual(rows.map(({ route }) => [route, accessOf(route)]));
  });

  test.each(
    cases.filter(([who, route]) => !(who === "agent" && route === "POST /api/v1/enrol")),
  )("%s: %s is %s", async (who, route, cell) => {
    const status = await knock(who, route);
    if (cell === "yes") expect([401, 403, 500]).not.toContain(status);
    else expect(String(status)).toBe(cell);
  });

  test("agent: POST /api/v1/enrol is yes: it changes its own key", async () => {
    expect(rows.find(({ route }) => route === "POST /api/v1/enrol")?.cells["agent"]).toBe("yes");
    const mover = new Guest("mover");
    house.enrolled.add("mover", { key: mover.publicKey, enrolled: 0 });
    const next = new Guest("mover");
    const body = JSON.stringify({ agent: "mover", key: next.publicKey, proof: proveKey("mover", next.key) });
    expect((await house.server.post("/api/v1/enrol", body, mover.signed("POST", "/api/v1/enrol", { body }))).status).toBe(200);
    expect(house.enrolled.get("mover")).toMatchObject({ key: next.publicKey, previous: mover.publicKey });
  });

  test("a route that has no row is refused to everybody", () => {
    const asking = { method: "GET", path: "/new", header: () => undefined, from: "127.0.0.1", secure: false, host: "x" };
    expect(() => house.door.enter("GET /new", asking)).toThrow("nobody may ask for GET /new");
  });

  test("the pages and files of the UI are open", async () => {
    for (const path of ["/", "/services", "/wall", "/app.js"]) expect((await house.server.get(path)).status).toBe(200);
  });
});
