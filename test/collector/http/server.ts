import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Door } from "../../../collector/door/door.ts";
import { createHttp, type HttpOptions } from "../../../collector/http/app.ts";
import type { Intake } from "../../../collector/intake.ts";
import type { Duty } from "../../../collector/notify/duty.ts";
import { systemClock } from "../../../core/clock.ts";
import { silentLog } from "../../../core/log.ts";
import type { SloView } from "../../../core/service-level.ts";
import type { ServiceDetail } from "../../../core/service-view.ts";
import { sampleLevels } from "../slo/sample-levels.ts";
import { samplePlant } from "./sample-plant.ts";
import { SampleView } from "./sample-view.ts";

export const start = Date.UTC(2026, 0, 1, 6);

/** The sample plant behind a real HTTP server on a free loopback port. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly view: SampleView;
  readonly server: Server;
  get<Body = Refusal>(path: string, headers?: Record<string, string>): Promise<Answer<Body>>;
  post<Body = Refusal>(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answer<Body>>;
  close(): Promise<void>;
}

/** What a test reads of an answer where it does not say what it asked for. */
export interface Refusal {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly unknown[];
  /** Of an ingest: the batch that it waits for. */
  readonly expect?: number;
}

/** `Body` is what the test takes the answer for: what it asserts of it shows whether it is. */
export interface Answer<Body = Refusal> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: Body;
}

export async function serve(options: Partial<HttpOptions> & { now?: () => number; duty?: Duty } = {}): Promise<TestServer> {
  const now = options.now ?? (() => start);
  const { plant, series } = samplePlant(now());
  const view = new SampleView(plant, series, now, options.duty);
  const root = mkdtempSync(join(tmpdir(), "millwright-web-"));
  writeFileSync(join(root, "index.html"), "<!doctype html><title>UI</title>");
  writeFileSync(join(root, "app.js"), "export {};");
  const doorDir = join(root, ".door");
  const door = new Door({ config: { users: {}, assets: {} }, dir: doorDir, loopback: true, clock: systemClock(), log: silentLog });
  const levels = sampleLevels({ dir: join(root, "services"), ids: plant.services.map(({ id }) => id), now: now() });
  plant.services = plant.services.map((service) => withSlo(service, levels.slo(service.id)));
  const app = createHttp({ view, ingest: closedIntake, door, levels, security: () => guarded, log: silentLog, webRoot: root, ...options });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    view,
    server,
    get: (path, headers = {}) => ask(port, "GET", path, headers),
    post: (path, body, headers = {}) => ask(port, "POST", path, headers, body),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function withSlo(service: ServiceDetail, slo: SloView | undefined): ServiceDetail {
  return slo === undefined ? service : { ...service, slo };
}

/** A request exactly as written: fetch would mend the path and the Host. */
export function ask<Body = Refusal>(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer<Body>> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const json = /json/.test(response.headers["content-type"] ?? "") && text !== "" ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const guarded = {
  listener: { address: "127.0.0.1:8460", tls: false, loopback: true, users: 0, insecure: false },
  agents: { enrolled: [], unsigned_allowed: true },
  tokens: [],
  weak: [],
};

/** For tests that send no batches. */
const closed = { kind: "refused", status: 503, reason: "closed" } as const;
const closedIntake: Intake = {
  mark: () => ({ mark: null, time: start }),
  ingest: () => Promise.resolve(closed),
  run: () => Promise.resolve(closed),
  now: () => Promise.resolve(closed),
  describe: () => Promise.resolve(closed),
};
