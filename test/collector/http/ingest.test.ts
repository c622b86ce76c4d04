import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type {
  BatchRequest,
  DescribeAnswer,
  DescribeRequest,
  IngestAnswer,
  Intake,
  NowAnswer,
  RunAnswer,
  RunRequest,
} from "../../../collector/intake.ts";
import { serve, start, type TestServer } from "./server.ts";

const epoch = "5f0c6d0e-0000-4000-8000-000000000000";
const sender = {
  "x-millwright-agent": "hall-1",
  "x-millwright-epoch": epoch,
  "x-millwright-sent-at": `${start}`,
  "x-millwright-version": "1",
};
const batchHeaders = {
  ...sender,
  "content-type": "application/vnd.millwright.batch",
  "x-millwright-encoding": "deflate-raw",
  "x-millwright-seq": "42",
  "x-millwright-count": "3",
};

let it: TestServer;
let taken: (BatchRequest | RunRequest | DescribeRequest)[];
let next: IngestAnswer;
let nextRun: RunAnswer;
let nextNow: NowAnswer;
let nextDescribed: DescribeAnswer;
const intake: Intake = {
  mark: (agent, of) => ({ mark: agent === "hall-1" && of === epoch ? 41 : null, time: start }),
  ingest(request) {
    taken.push(request);
    return Promise.resolve(next);
  },
  run(request) {
    taken.push(request);
    return Promise.resolve(nextRun);
  },
  now(request) {
    taken.push(request);
    return Promise.resolve(nextNow);
  },
  describe(request) {
    taken.push(request);
    return Promise.resolve(nextDescribed);
  },
};

beforeAll(async () => {
  it = await serve({ ingest: intake });
});
afterAll(() => it.close());
beforeEach(() => {
  taken = [];
  next = { kind: "stored", ack: 42, time: start };
  nextDescribed = { kind: "described", ack: null, time: start };
});

test("a batch reaches the intake byte for byte, with its headers", async () => {
  const body = Buffer.from([0, 1, 255, 31, 139, 8]);
  const answer = await it.post("/api/v1/ingest", body, {
    ...batchHeaders,
    "user-agent": "millwright/0.1.0",
    "x-millwright-spool-bytes": "18432",
  });
  expect([answer.status, answer.json]).toEqual([200, { ack: 42, time: start }]);
  expect(taken).toEqual([
    { agent: "hall-1", epoch, sentAt: start, seq: 42, count: 3, version: "millwright/0.1.0", spoolBytes: 18432, arrivedAt: start, body },
  ]);
});

test.each<[IngestAnswer, number, object, string | undefined]>([
  [{ kind: "duplicate", ack: 41, time: 1 }, 200, { ack: 41, time: 1, duplicate: true }, undefined],
  [{ kind: "expect", expect: 7 }, 409, { expect: 7 }, undefined],
  [{ kind: "describe", describe: [1, 2] }, 409, { describe: [1, 2] }, undefined],
  [{ kind: "refused", status: 400, reason: "batch version 9" }, 400, { detail: "batch version 9" }, undefined],
  [{ kind: "refused", status: 503, reason: "store is busy", retryAfterMs: 1500 }, 503, { detail: "store is busy" }, "2"],
])("the intake's %j is answered %d", async (given, status, members, retryAfter) => {
  next = given;
  const answer = await it.post("/api/v1/ingest", Buffer.from("x"), batchHeaders);
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject(members);
  expect(answer.headers["retry-after"]).toBe(retryAfter);
});

test("several batches are answered with the last one that was taken, and what became of each", async () => {
  const stored = (seq: number): IngestAnswer => ({ kind: "stored", ack: seq, time: start });
  nextRun = {
    kind: "run",
    outcomes: [
      { seq: 41, answer: { kind: "duplicate", ack: 41, time: start } },
      { seq: 42, answer: stored(42) },
      { seq: 43, answer: { kind: "describe", describe: [7] } },
      { seq: 44, answer: { kind: "expect", expect: 43 } },
      { seq: 45, answer: { kind: "refused", status: 400, reason: "batch version 9" } },
    ],
  };
  const answer = await it.post("/api/v1/ingest", Buffer.from("x"), {
    ...batchHeaders,
    "content-type": "application/vnd.millwright.batches",
  });
  expect([answer.status, answer.json]).toEqual([
    200,
    {
      ack: 42,
      time: start,
      duplicate: true,
      outcomes: [
        { seq: 41, status: 200, duplicate: true },
        { seq: 42, status: 200 },
        { seq: 43, status: 409, describe: [7] },
        { seq: 44, status: 409, expect: 43 },
        { seq: 45, status: 400, detail: "batch version 9" },
      ],
    },
  ]);
  nextRun = { kind: "expect", expect: 7 };
  const refused = await it.post("/api/v1/ingest", Buffer.from("x"), {
    ...batchHeaders,
    "content-type": "application/vnd.millwright.batches",
  });
  expect([refused.status, refused.json.expect]).toEqual([409, 7]);
});

test.each<[NowAnswer, number, object]>([
  [{ kind: "shown", time: 1 }, 200, { time: 1 }],
  [{ kind: "describe", describe: [3] }, 409, { describe: [3] }],
  [{ kind: "refused", status: 503, reason: "busy", retryAfterMs: 2000 }, 503, { detail: "busy" }],
])("the present: %j is answered %d", async (given, status, members) => {
  nextNow = given;
  const answer = await it.post("/api/v1/ingest", Buffer.from("x"), { ...batchHeaders, "content-type": "application/vnd.millwright.now" });
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject(members);
});

test("descriptions come as JSON", async () => {
  const headers = { ...sender, "content-type": "application/json" };
  expect((await it.post("/api/v1/ingest", '{"series":[]}', headers)).json).toEqual({ ack: null, time: start });
  expect(taken).toMatchObject([{ agent: "hall-1", body: { series: [] } }]);
  const broken = await it.post("/api/v1/ingest", '{"series":', headers);
  expect([broken.status, broken.json.title]).toEqual([400, "Bad Request"]);
});

test("a slow upload is no wrong clock: the agent's time is compared with the moment at which the head was here", async () => {
  let now = start;
  const slow = await serve({ ingest: intake, now: () => now });
  const headers = { ...batchHeaders, "content-length": "2" };
  const answered = new Promise<number | undefined>((resolve) => {
    const sent = request({ port: slow.port, method: "POST", path: "/api/v1/ingest", headers }, (response) => resolve(response.statusCode));
    sent.write("x");
    slow.server.once("request", () => {
      // The head was handed on in this turn; the rest of the body comes half a minute later.
      setImmediate(() => {
        now += 30_000;
        sent.end("y");
      });
    });
  });
  expect(await answered).toBe(200);
  expect(taken).toMatchObject([{ sentAt: start, arrivedAt: start }]);
  await slow.close();
});

test("where were we", async () => {
  expect((await it.get(`/api/v1/ingest?agent=hall-1&epoch=${epoch}`)).json).toEqual({ mark: 41, time: start });
  expect((await it.get(`/api/v1/ingest?agent=hall-2&epoch=${epoch}`)).json).toEqual({ mark: null, time: start });
  expect((await it.get("/api/v1/ingest?agent=hall-2&epoch=1")).json.detail).toContain("expected the uuid of the agent's spool");
});

test.each([
  ["x-millwright-agent", "../etc"],
  ["x-millwright-agent", ""],
  ["x-millwright-epoch", "1"],
  ["x-millwright-seq", "0"],
  ["x-millwright-seq", "9007199254740992"],
  ["x-millwright-seq", "1e3"],
  ["x-millwright-count", "-1"],
  ["x-millwright-count", "1048577"],
  ["x-millwright-sent-at", "now"],
  ["x-millwright-version", "2"],
  ["x-millwright-encoding", "gzip"],
])("%s: %j is a 400 that names it, and nothing is taken", async (name, value) => {
  const answer = await it.post("/api/v1/ingest", Buffer.from("x"), { ...batchHeaders, [name]: value });
  expect(answer.status).toBe(400);
  expect(answer.json.errors).toMatchObject([{ in: "header", name, found: value }]);
  expect(taken).toEqual([]);
});

test("all wrong headers are named at once", async () => {
  const answer = await it.post("/api/v1/ingest", Buffer.from("x"), { "content-type": "application/vnd.millwright.batch" });
  expect(answer.json.errors).toHaveLength(7);
});

test("a body of more than 8 MiB is 413, of another type or compressed by HTTP 415", async () => {
  const big = await it.post("/api/v1/ingest", Buffer.alloc((8 << 20) + 1), batchHeaders);
  expect([big.status, big.json.detail]).toEqual([413, expect.stringContaining("at most 8388608 bytes")]);
  const text = await it.post("/api/v1/ingest", "x", { ...batchHeaders, "content-type": "text/plain" });
  expect([text.status, text.json.detail]).toEqual([415, expect.stringContaining("application/vnd.millwright.batch")]);
  const packed = await it.post("/api/v1/ingest", "x", { ...batchHeaders, "content-encoding": "gzip" });
  expect([packed.status, packed.headers["content-type"]]).toEqual([415, "application/problem+json; charset=utf-8"]);
  expect(taken).toEqual([]);
});

test("exactly 8 MiB is taken", async () => {
  expect((await it.post("/api/v1/ingest", Buffer.alloc(8 << 20), batchHeaders)).status).toBe(200);
});
