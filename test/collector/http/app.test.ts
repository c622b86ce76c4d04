import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AlarmView } from "../../../core/alarm-view.ts";
import type { AssetView } from "../../../core/asset-view.ts";
import type { ReadingView } from "../../../core/reading-view.ts";
import type { ImpactView, ServiceDetail, WhatIfView } from "../../../core/service-view.ts";
import { ask, serve, start, type TestServer } from "./server.ts";

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: { required?: string[] } }>> }>>;
}

interface Readings {
  readonly readings: readonly ReadingView[];
}

let it: TestServer;
beforeAll(async () => {
  it = await serve({ hosts: ["millwright.plant.example"] });
});
afterAll(() => it.close());

describe("what is answered", () => {
  test("assets, services, alarms and agents have the members of DESIGN §9", async () => {
    const [asset] = (await it.get<{ assets: AssetView[] }>("/api/v1/assets")).json.assets;
    expect(Object.keys(asset ?? {})).toEqual(expect.arrayContaining(["id", "name", "at", "labels", "up", "level", "sources"]));
    expect(Object.keys(asset?.sources[0] ?? {})).toEqual(expect.arrayContaining(["protocol", "state", "reason", "last_ok"]));
    const [service] = (await it.get<{ services: object[] }>("/api/v1/services")).json.services;
    expect(Object.keys(service ?? {})).toEqual(expect.arrayContaining(["id", "name", "level", "low", "high", "since", "why", "causes"]));
    const [alarm] = (await it.get<{ alarms: object[] }>("/api/v1/alarms")).json.alarms;
    expect(Object.keys(alarm ?? {})).toEqual(
      expect.arrayContaining(["alarm", "asset", "metric", "labels", "level", "state", "since", "value"]),
    );
    expect((await it.get<{ agents: object[] }>("/api/v1/agents")).json.agents).toHaveLength(2);
  });

  test("one asset comes with its alarms, one service with its tree", async () => {
    const { alarms } = (await it.get<{ alarms: AlarmView[] }>("/api/v1/assets/filler-31")).json;
    expect(alarms.map(({ alarm }) => alarm)).toEqual(["bearing-hot"]);
    const { needs } = (await it.get<ServiceDetail>("/api/v1/services/bottling-line-3")).json;
    expect(needs[0]?.children).toHaveLength(3);
    expect((await it.get<{ alarms: object[] }>("/api/v1/alarms?asset=filler-32")).json.alarms).toHaveLength(1);
    expect((await it.get<{ alarms: object[] }>("/api/v1/alarms?asset=filler-32&offset=1")).json.alarms).toHaveLength(0);
  });

  test("alarms by parts", async () => {
    const idsOf = async (query: string): Promise<readonly string[]> =>
      (await it.get<{ alarms: AlarmView[] }>(`/api/v1/alarms?all=true${query}`)).json.alarms.map(({ id }) => id);
    const all = await idsOf("");
    expect(all.length).toBeGreaterThan(1);
    expect([...(await idsOf("&limit=1")), ...(await idsOf("&limit=1000&offset=1"))]).toEqual(all);
    expect((await it.get("/api/v1/alarms?limit=0")).status).toBe(400);
  });

  test("newest readings of one asset, one metric", async () => {
    const latest = "/api/v1/readings/latest";
    const { readings } = (await it.get<Readings>(`${latest}?asset=filler-31&metric=temperature_celsius`)).json;
    expect(readings.map(({ value }) => value)).toEqual([86.2, 54.8]);
    expect(Object.keys(readings[0] ?? {})).toEqual(
      expect.arrayContaining(["asset", "metric", "labels", "value", "unit", "time", "quality", "origin"]),
    );
    expect((await it.get<Readings>(`${latest}?asset=mes-server`)).json.readings[0]).toMatchObject({
      value: null,
      quality: "BadTimeout",
    });
  });

  test("a range by ms or ISO 8601, the last hour by default", async () => {
    const asked: unknown[] = [];
    const real = it.view.range.bind(it.view);
    it.view.range = (query) => {
      asked.push(query);
      return real(query);
    };
    await it.get("/api/v1/readings/range?asset=compressor&metric=pressure_pascals&from=2026-01-01T05:00:00Z&to=1767250800000&points=10");
    await it.get("/api/v1/readings/range?asset=compressor&metric=pressure_pascals");
    it.view.range = real;
    expect(asked).toEqual([
      { asset: "compressor", metric: "pressure_pascals", from: Date.UTC(2026, 0, 1, 5), to: 1767250800000, points: 10 },
      { asset: "compressor", metric: "pressure_pascals", from: start - 3_600_000, to: start },
    ]);
  });

  test("what-if by GET and by POST, of all and of one service", async () => {
    const all = (await it.get<WhatIfView>("/api/v1/what-if?set=core-sw-2=critical,ups-1=unknown")).json.services;
    expect(all["mes"]).toMatchObject({ level: "critical", causes: ["core-sw-2"] });
    expect(Object.keys(all)).toHaveLength(6);
    const body = JSON.stringify({ set: { "core-sw-2": "critical" } });
    const one = (await it.post<WhatIfView>("/api/v1/services/mes/what-if", body, { "content-type": "application/json" })).json.services;
    expect(Object.keys(one).sort()).toEqual(["bottling-line-3", "mes", "shipping"]);
  });

  test("what else fails if an asset does", async () => {
    const { asset, services } = (await it.get<ImpactView>("/api/v1/assets/core-sw-2/impact")).json;
    expect([asset, services[0]?.level]).toEqual(["core-sw-2", "critical"]);
    expect((await it.get("/api/v1/assets/nobody/impact")).status).toBe(404);
  });

  test("metrics, also compressed", async () => {
    const plain = await it.get("/metrics");
    expect(plain.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(plain.text).toContain("millwright_asset_up");
    expect(plain.text).toContain("process_resident_memory_bytes");
    const packed = await fetch(`${it.url}/metrics`, { headers: { "accept-encoding": "gzip" } });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(await packed.text()).toContain("millwright_asset_up");
  });

  test("health and readiness", async () => {
    expect((await it.get("/healthz")).json).toEqual({ status: "ok" });
    expect((await it.get("/readyz")).json).toEqual({ status: "ready" });
    it.view.ready = "the first full pass is not done";
    const answer = await it.get("/readyz");
    it.view.ready = undefined;
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ status: 503, title: "Service Unavailable", detail: "the first full pass is not done" });
  });

  test.each(["/", "/services/mes", "/assets/filler-31/temperature_celsius", "/wall"])("the UI's page at %s", async (path) => {
    const answer = await it.get(path);
    expect(answer.text).toContain("<title>UI</title>");
    expect(answer.headers["cache-control"]).toBe("no-cache");
  });
});

describe("/openapi.json", () => {
  test("every operation in it is answered, and with the members it names", async () => {
    const { paths } = (await it.get<OpenApi>("/openapi.json")).json;
    const examples: Record<string, string> = {
      "/api/v1/readings/range": "?asset=filler-31&metric=load_ratio",
      "/api/v1/ingest": "?agent=hall-1&epoch=5f0c6d0e-0000-4000-8000-000000000000",
    };
    const seen: string[] = [];
    for (const [path, operations] of Object.entries(paths)) {
      if (path === "/api/v1/events" || operations["get"] === undefined) continue;
      const concrete =
        path.replace(
          "{id}",
          path.includes("incidents") ? (it.view.duty.incidents({})[0]?.id ?? "") : path.includes("assets") ? "filler-31" : "mes",
        ) + (examples[path] ?? "");
      const answer = await it.get(concrete);
      expect([concrete, answer.status]).toEqual([concrete, 200]);
      const content = operations["get"].responses["200"]?.content ?? {};
      expect(Object.keys(content)[0]?.split(";")[0]).toBe(String(answer.headers["content-type"]).split(";")[0]);
      for (const member of content["application/json"]?.schema.required ?? []) expect(answer.json).toHaveProperty(member);
      seen.push(path);
    }
    expect(seen.length).toBeGreaterThan(12);
  });
});

describe("what is refused", () => {
  test.each([
    ["/api/v1/nothing", 404, "there is nothing at /api/v1/nothing"],
    ["/api/v1/assets/nobody", 404, 'there is no asset "nobody"'],
    ["/api/v1/services/%3Cscript%3E", 404, 'there is no service "<script>"'],
    ["/api/v1/assets/%E0%A4%A", 400, "%"],
    ["/%", 400, "%"],
    ["/api/v1/readings/latest?asset=nobody", 404, "nobody"],
    ["/api/v1/readings/latest?aset=x", 400, 'query aset: found "x", expected one of the parameters asset, metric'],
    ["/api/v1/readings/latest?asset=a&asset=b", 400, 'found ["a","b"], expected the id of an asset'],
    ["/api/v1/readings/range?asset=x", 400, "query metric: found nothing, expected the name of a metric"],
    [
      "/api/v1/readings/range?asset=ups-1&metric=m&from=yesterday&points=0",
      400,
      'from: found "yesterday", expected a time in ms since epoch',
    ],
    [
      "/api/v1/readings/range?asset=ups-1&metric=m&from=yesterday&points=0",
      400,
      'points: found "0", expected a whole number from 1 to 10000',
    ],
    ["/api/v1/readings/range?asset=ups-1&metric=m&from=2000&to=1000", 400, "query from: found 2000, expected a time before `to`"],
    ["/api/v1/what-if?set=ups-1=broken", 400, 'found "ups-1=broken", expected ASSET=STATE'],
    ["/api/v1/what-if?set=nobody=ok", 400, 'found "nobody", expected the id of an asset'],
    ["/api/v1/services/nobody/what-if", 404, "nobody"],
    ["/api/v1/services?level=ok", 400, "expected no parameter"],
    ["/api/v1/events?types=service,nonsense", 400, "kinds of events"],
    ["/../../etc/passwd", 404, "nothing"],
    ["/..%2f..%2fetc/passwd", 404, "nothing"],
    ["/unknown-page", 404, "nothing"],
    ["/.git/config", 404, "nothing"],
  ])("GET %s is a %d problem: %s", async (path, status, detail) => {
    const answer = await it.get(path);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(answer.json).toMatchObject({ type: "about:blank", status });
    expect(answer.json.detail).toContain(detail);
    expect(answer.headers["content-security-policy"]).toBeDefined();
  });

  test.each([
    ["POST", "/api/v1/assets", "GET, HEAD"],
    ["DELETE", "/api/v1/what-if", "GET, HEAD, POST"],
    ["PUT", "/metrics", "GET, HEAD"],
    ["POST", "/", "GET, HEAD"],
    ["PATCH", "/api/v1/ingest", "GET, HEAD, POST"],
  ])("%s %s is a 405 problem that says what is allowed", async (method, path, allow) => {
    const answer = await ask(it.port, method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers["allow"]).toBe(allow);
    expect(answer.json.title).toBe("Method Not Allowed");
  });

  test.each([
    ["not JSON", "{", "application/json", 400],
    ["a list", "[]", "application/json", 400],
    ["a wrong state", '{"set":{"ups-1":"burnt"}}', "application/json", 400],
    ["a form", "set=1", "application/x-www-form-urlencoded", 400],
    ["too long", `{"set":{"a":"${"x".repeat(70_000)}"}}`, "application/json", 413],
  ])("a what-if body that is %s", async (_what, body, type, status) => {
    const answer = await it.post("/api/v1/what-if", body, { "content-type": type });
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  });

  test.each([
    ["evil.example", 421],
    ["127.0.0.1.evil.example:8460", 421],
    ["localhost.evil.example", 421],
    ["localhost:8460", 200],
    ["[::1]:8460", 200],
    ["192.168.1.4", 200],
    ["collector:8460", 200],
    ["millwright.plant.example", 200],
  ])("Host %s is answered %d", async (host, status) => {
    expect((await it.get("/healthz", { host })).status).toBe(status);
  });

  test("a request without Host is refused", async () => {
    const socket = connect(it.port, "127.0.0.1");
    socket.end("GET /healthz HTTP/1.0\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 421 /);
  });

  test("an unexpected error is a 500 that tells nothing, and is logged", async () => {
    const logged: object[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => logged.push(fields) };
    const other = await serve({ log });
    other.view.alarms = () => {
      throw new Error("secret inside");
    };
    const answer = await other.get("/api/v1/alarms");
    await other.close();
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("secret");
    expect(logged).toHaveLength(1);
  });

  test("more raw readings than fit one answer", async () => {
    const real = it.view.range;
    const points = Array.from({ length: 250_001 }, (_, i) => [i, 1, "Good"]);
    it.view.range = async () => ({ series: [{ asset: "a", metric: "m", labels: {}, unit: "1", points }] });
    const answer = await it.get("/api/v1/readings/range?asset=ups-1&metric=m");
    it.view.range = real;
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toContain("250001 readings");
  });
});

test("headers keep pages from being framed, sniffed, or run inline, and do not force TLS", async () => {
  const { headers } = await it.get("/");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe|upgrade-insecure/);
  expect(headers["strict-transport-security"]).toBeUndefined();
  expect(headers["x-powered-by"]).toBeUndefined();
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect((await it.get("/api/v1/assets")).headers["cache-control"]).toBe("no-store");
});
