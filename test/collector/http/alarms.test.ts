import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAlarmActs } from "../../../collector/alarm-acts.ts";
import { Audit } from "../../../collector/alarms/audit.ts";
import type { AlarmView } from "../../../core/alarm-view.ts";
import { Stage, snmp } from "../stage.ts";
import { type Answer, type Refusal, serve, type TestServer } from "./server.ts";

let server: TestServer;
let stage: Stage;
let dir: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "mw-acts-"));
  await begin();
});
afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function begin(): Promise<void> {
  stage = new Stage({
    assets: { x: { name: "X", snmp } },
    alarms: { hot: { asset: "x", metric: "temperature_celsius", critical: { above: 85 } } },
  });
  stage.put("x", 99, { labels: { sensor: "a b" } });
  const settle = (): Promise<void> => {
    stage.changes();
    return Promise.resolve();
  };
  const acts = createAlarmActs({
    plant: () => stage.plant,
    audit: new Audit(join(dir, "store", "acts.ndjson")),
    now: () => stage.now,
    settle,
  });
  server = await serve({ acts, now: () => stage.now });
  server.view.alarms = (all) => [...stage.plant.alarms(all)];
}

const id = "hot:x:sensor=a b";
/** An alarm as it stands after an act, or why it could not be done. */
type Outcome = Partial<AlarmView> & Refusal;

interface Acts {
  readonly acts: readonly unknown[];
}

interface Alarms {
  readonly alarms: readonly AlarmView[];
}

function post(act: string, body: unknown, headers: Record<string, string> = {}, alarm = id): Promise<Answer<Outcome>> {
  const type = { "content-type": "application/json" };
  return server.post<Outcome>(
    `/api/v1/alarms/${encodeURIComponent(alarm)}/${act}`,
    typeof body === "string" ? body : JSON.stringify(body),
    {
      ...type,
      ...headers,
    },
  );
}

describe("acts on alarms", () => {
  it("are done, shown, and on record", async () => {
    const acked = await post("ack", { who: "eva", comment: "seen" });
    expect([acked.status, acked.json.isa, acked.json.acked]).toEqual([200, "acknowledged", { by: "eva", at: stage.now, comment: "seen" }]);
    const until = new Date(stage.now + 3_600_000).toISOString();
    const shelved = await post("shelve", { who: "jan", until, reason: "gearbox" });
    expect([shelved.status, shelved.json.isa, shelved.json.shelved?.until]).toEqual([200, "shelved", stage.now + 3_600_000]);
    for (const [act, isa] of [
      ["unshelve", "unacknowledged"],
      ["ack", "acknowledged"],
      ["unack", "unacknowledged"],
    ] as const)
      expect((await post(act, { who: "eva" })).json.isa).toBe(isa);
    expect((await post("out-of-service", { who: "eva", reason: "sensor is broken" })).json).toMatchObject({ isa: "out-of-service" });
    expect((await post("return-to-service", { who: "eva" })).json.isa).toBe("unacknowledged");
    const { acts } = (await server.get<Acts>("/api/v1/alarm-acts?limit=2")).json;
    expect(acts).toEqual([
      { alarm: id, act: "return-to-service", by: "eva", at: stage.now, comment: "", until: null },
      { alarm: id, act: "out-of-service", by: "eva", at: stage.now, comment: "sensor is broken", until: null },
    ]);
  });

  it.each<{ what: string; act: string; body: unknown; headers?: Record<string, string>; alarm?: string; status: number; says: RegExp }>([
    { what: "no such alarm", act: "ack", body: { who: "eva" }, alarm: "hot:y", status: 404, says: /no alarm "hot:y"/ },
    { what: "nothing to do", act: "unshelve", body: { who: "eva" }, status: 409, says: /is unacknowledged: it is not shelved/ },
    { what: "a shelf into the past", act: "shelve", body: { who: "eva", until: 1, reason: "x" }, status: 409, says: /end in the future/ },
    {
      what: "a shelf without an end",
      act: "shelve",
      body: { who: "eva", reason: "x" },
      status: 400,
      says: /until: found nothing, expected a time/,
    },
    {
      what: "a shelf without a reason",
      act: "shelve",
      body: { who: "eva", until: 1 },
      status: 400,
      says: /reason: found nothing, expected a text/,
    },
    {
      what: "an end that is no time",
      act: "shelve",
      body: { who: "e", until: "soon", reason: "x" },
      status: 400,
      says: /until: found "soon"/,
    },
    { what: "nobody", act: "ack", body: {}, status: 400, says: /who: found nothing/ },
    { what: "an empty name", act: "ack", body: { who: "  " }, status: 400, says: /who/ },
    { what: "control characters", act: "ack", body: { who: "eva\u001b[2J" }, status: 400, says: /without control characters/ },
    { what: "text that runs backwards", act: "ack", body: { who: "eva", comment: "\u202egnp" }, status: 400, says: /comment/ },
    {
      what: "an unknown member",
      act: "ack",
      body: { who: "eva", level: 3 },
      status: 400,
      says: /level: found 3, expected one of the members who, comment/,
    },
    { what: "no object", act: "ack", body: "[]", status: 400, says: /expected a JSON object/ },
    { what: "no JSON", act: "ack", body: "{", status: 400, says: /JSON/ },
    {
      what: "a form of a page",
      act: "ack",
      body: "who=eva",
      headers: { "content-type": "text/plain" },
      status: 415,
      says: /application\/json/,
    },
    {
      what: "another site",
      act: "ack",
      body: { who: "eva" },
      headers: { "sec-fetch-site": "cross-site" },
      status: 403,
      says: /another site/,
    },
    {
      what: "another port of this machine",
      act: "ack",
      body: { who: "eva" },
      headers: { "sec-fetch-site": "same-site" },
      status: 403,
      says: /another site/,
    },
    {
      what: "another origin",
      act: "ack",
      body: { who: "eva" },
      headers: { origin: "http://evil.example" },
      status: 403,
      says: /another site/,
    },
    {
      what: "no origin that can be told",
      act: "ack",
      body: { who: "eva" },
      headers: { origin: "null" },
      status: 403,
      says: /another site/,
    },
    { what: "too much", act: "ack", body: { who: "eva", comment: "x".repeat(20_000) }, status: 413, says: /16384 bytes/ },
  ])("$what: $status", async ({ act, body, headers, alarm, status, says }) => {
    const answer = await post(act, body, headers, alarm);
    expect([answer.status, answer.headers["content-type"]]).toEqual([status, "application/problem+json; charset=utf-8"]);
    expect(answer.json.detail).toMatch(says);
    expect((await server.get<Acts>("/api/v1/alarm-acts")).json.acts).toEqual([]);
    expect(stage.plant.alarms().map((one) => one.isa)).toEqual(["unacknowledged"]);
  });

  it("from the page itself are taken", async () => {
    const headers = { "sec-fetch-site": "same-origin", origin: server.url };
    expect((await post("ack", { who: "eva" }, headers)).status).toBe(200);
  });

  it("alarms that wait for people are listed where they are asked for", async () => {
    stage.put("x", 50, { labels: { sensor: "a b" }, time: stage.now + 1 });
    stage.changes();
    expect((await server.get<Alarms>("/api/v1/alarms")).json.alarms).toEqual([]);
    expect((await server.get<Alarms>("/api/v1/alarms?all=true")).json.alarms).toMatchObject([
      { id, isa: "returned-unacknowledged", state: "normal" },
    ]);
    expect((await server.get("/api/v1/alarms?all=yes")).status).toBe(400);
  });

  it("one that cannot be recorded does not take place", async () => {
    rmSync(dir, { recursive: true });
    appendFileSync(dir, "a file where the folder was");
    expect((await post("ack", { who: "eva" })).status).toBe(500);
    expect(stage.plant.alarms().map((one) => one.isa)).toEqual(["unacknowledged"]);
  });
});

describe("the audit", () => {
  const entry = (at: number) => ({ alarm: id, act: "ack" as const, by: "eva", at, comment: "", until: null });

  it("only grows, and is read again, a torn line or none", () => {
    const path = join(dir, "a.ndjson");
    const audit = new Audit(path);
    audit.append(entry(1));
    appendFileSync(path, '{"alarm":"hot');
    new Audit(path).append(entry(2));
    expect(new Audit(path).recent().map(({ at }) => at)).toEqual([2, 1]);
    expect(readFileSync(path, "utf8")).toContain('{"alarm":"hot\n');
  });
});
