import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningCollector, startCollector } from "../../collector/collector.ts";
import { config as schema } from "../../config/schema.ts";
import { systemClock } from "../../core/clock.ts";
import { type Log, silentLog } from "../../core/log.ts";
import { hostileStrings } from "./strings.ts";

let dir: string;
let collector: RunningCollector;
let port: number;
let routes: { method: string; path: string; query: readonly string[] }[];
/** What the collector did not expect. */
const unexpected: unknown[] = [];
const asked = new Map<number, number>();

const log: Log = { ...silentLog, error: (fields) => void unexpected.push(fields) };
interface OpenApi {
  readonly paths: Record<string, Record<string, { parameters: { in: string; name: string }[] }>>;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "millwright-fuzz-"));
  const parsed = schema.parse({
    collector: { listen: "127.0.0.1:0", store: { duckdb: { dir: join(dir, "store") } } },
    assets: { press: { modbus: { tcp: "127.0.0.1:1", metrics: [{ metric: "x", function: "coil", register: 0 }] } } },
    alarms: { hot: { asset: "press", metric: "x", critical: { above: 1 } } },
    services: { line: { needs: ["asset press"] } },
  });
  collector = await startCollector({ config: { ...parsed, directory: dir }, clock: systemClock(), log, webRoot: dir });
  port = Number(new URL(collector.url).port);
  const { paths } = (await (await fetch(`${collector.url}/openapi.json`)).json()) as OpenApi;
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((one) => one.in === "query").map(({ name }) => name),
    })),
  );
});
afterAll(async () => {
  await collector.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The status of one request, its bytes as they are given; 0 where the connection was closed without a word. */
function ask(head: string, body: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(head);
      socket.write(body);
    });
    socket.setTimeout(10_000, () => {
      said = "HTTP/1.1 599 hangs";
      socket.destroy();
    });
    // A stream has no end of its own: its head is enough.
    socket.on("data", (bytes) => {
      said += bytes.toString("latin1");
      if (said.includes("text/event-stream")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0);
      asked.set(status, (asked.get(status) ?? 0) + 1);
      resolve(status);
    });
  });
}

const nasty = fc.oneof(
  fc.constantFrom(...Object.values(hostileStrings).map((text) => text.slice(0, 2000))),
  fc.constantFrom("press", "line", "hot", "x", "press=critical", "service,readings", "all", "true"),
  fc.constantFrom(
    "NaN",
    "-1",
    "1e400",
    "Infinity",
    "0",
    "9007199254740993",
    "9".repeat(400),
    "2026-01-01T00:00:00Z",
    "8640000000000001",
    "0x10",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const json = fc.oneof(
  fc.json(),
  fc.constantFrom(
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"set":{"__proto__":"critical"}}',
    '{"set":{"press":"__proto__"}}',
    '{"series":[{"__proto__":{"polluted":1}}]}',
    '{"minutes":1e400,"until":1e400,"reason":"x","author":"y","time":-1e400}',
    '{"set":{"press":"ok","press":"critical"}}',
    '{"user":{"$gt":""},"password":{"$gt":""}}',
    '{"user":"toString","password":"x"}',
    '{"agent":"../../etc","key":"x","proof":"y"}',
    `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
    "null",
    "1e400",
    "",
  ),
  nasty,
);
const header = fc.record(
  {
    "x-millwright-agent": nasty,
    "x-millwright-epoch": fc.oneof(fc.constant("5f0c6d0e-0000-4000-8000-000000000000"), nasty),
    "x-millwright-seq": fc.oneof(fc.constantFrom("1", "0", "9007199254740991", "-1", "1e3"), nasty),
    "x-millwright-count": fc.oneof(fc.constantFrom("0", "1", "4294967295", "65536"), nasty),
    "x-millwright-sent-at": fc.oneof(fc.constantFrom("0", "8640000000000000"), nasty),
    "x-millwright-version": fc.constantFrom("1", "2"),
    "x-millwright-encoding": fc.constantFrom("deflate-raw", "gzip"),
    "last-event-id": nasty,
    cookie: nasty.map((text) => `millwright_session=${text}`),
    "content-encoding": fc.constantFrom("gzip", "br", "deflate", "identity", "nonsense"),
    range: fc.constantFrom("bytes=0-0", "bytes=-1", "x"),
    "accept-encoding": fc.constantFrom("gzip", "br;q=9", "*"),
  },
  { requiredKeys: [] },
);
/** Seldom: whoever shows a bad token gets no further. */
const credential = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ authorization: nasty.map((text) => `Bearer ${text}`) }) },
  { weight: 1, arbitrary: fc.record({ "x-millwright-signature": nasty }) },
);
const types = [
  "application/json",
  "application/vnd.millwright.batch",
  "application/vnd.millwright.batches",
  "application/vnd.millwright.now",
  "text/xml",
];
const request = fc.record({
  route: fc.nat(1000),
  ids: nasty,
  query: fc.dictionary(fc.oneof(fc.constantFrom("asset", "points", "from", "to", "__proto__", "asset[]", "a[b][c]"), nasty), nasty, {
    maxKeys: 4,
  }),
  values: fc.array(nasty, { minLength: 6, maxLength: 6 }),
  declared: fc.boolean(),
  header: fc.tuple(header, credential).map(([one, other]) => ({ ...one, ...other })),
  type: fc.constantFrom(...types),
  body: fc.oneof(
    json.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => deflateRawSync(bytes)),
    json.map((text) => deflateRawSync(text)),
  ),
});

function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text, "utf8").toString("utf8"));
}

/** Bytes of a head: what cannot stand in a value is left out, else Node would refuse them all alike. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header may not hold
const tame = (text: string): string => text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/g, "?");

test("no request gets a 5xx but a 503, none ends the collector, and nothing it did not expect is logged", async () => {
  const before = process.memoryUsage().rss;
  await fc.assert(
    fc.asyncProperty(request, async ({ route, ids, query, values, declared, header: extra, type, body }) => {
      const { method, path, query: known } = routes[route % routes.length] ?? { method: "GET", path: "/", query: [] };
      const own = declared ? Object.fromEntries(known.map((name, i) => [name, values[i] ?? ""])) : query;
      const search = Object.entries(own).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
      const target = `${path.replace("{id}", encoded(ids) || "x")}?${search.join("&")}`.slice(0, 6000);
      const lines = Object.entries(extra).map(([name, value]) => `${name}: ${tame(value).slice(0, 1000)}`);
      const length = method === "POST" ? [`content-type: ${type}`, `content-length: ${body.length}`] : [];
      const head = [`${method} ${target} HTTP/1.1`, "host: 127.0.0.1", "connection: close", ...length, ...lines].join("\r\n");
      const status = await ask(`${head}\r\n\r\n`, method === "POST" ? body : Buffer.alloc(0));
      expect(status === 503 || status < 500, `${status} for ${head}`).toBe(true);
    }),
    { numRuns: 1500, seed: 20_260 },
  );
  const counts = [...asked].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status || "closed"}`);
  const grown = Math.round((process.memoryUsage().rss - before) / (1 << 20));
  process.stdout.write(`${routes.length} routes, 1500 requests: ${counts.join(", ")}; ${grown} MiB more\n`);
  expect(unexpected).toEqual([]);
  expect(Object.prototype).not.toHaveProperty("polluted");
  expect((await fetch(`${collector.url}/readyz`)).status).toBe(200);
  // The whole of fast-check's own memory is in it, too.
  expect(grown).toBeLessThan(150);
});
