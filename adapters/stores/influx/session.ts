import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { IPoint } from "influx";
import type { LineSeries } from "./line.ts";

/** One point, ready to be written. */
export interface LinePoint {
  readonly series: LineSeries;
  /** ms since epoch. */
  readonly time: number;
  /** Left out where the reading is Bad. */
  readonly value: number | undefined;
  readonly quality: number;
}

export interface SessionOptions {
  readonly url: string;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** What the engine answered to a write that it did not take. Status is undefined where there was no answer. */
export class InfluxError extends Error {
  override readonly name = "InfluxError";
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { status?: number | undefined; retryAfterMs?: number | undefined }) {
    super(message, options);
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** InfluxDB's write and create, rejecting with InfluxError. */
export interface InfluxSession {
  write(points: readonly LinePoint[]): Promise<void>;
  createDatabase(): Promise<void>;
  close(): void;
}

/** How long one request may take, ms. */
const requestMs = 30_000;
/** node-influx never settles where the server dies between the head and the end of an answer: given up after this, ms. */
const giveUpMs = requestMs + 5000;

/** A client of one InfluxDB (1.x API). The only file that knows node-influx. Nothing is sent before the first call. */
export async function openSession({ url, database, user, password }: SessionOptions): Promise<InfluxSession> {
  // Loaded here, so that a collector without this sink does not carry it.
  const { InfluxDB, Raw } = await import("influx");
  const { protocol, hostname, port, pathname } = new URL(url);
  const secure = protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const client = new InfluxDB({
    protocol: secure ? "https" : "http",
    host: hostname,
    port: port === "" ? (secure ? 443 : 80) : Number(port),
    path: pathname.replace(/\/+$/, ""),
    options: { agent },
    database,
    // Without a user node-influx would send root:root; null is what keeps it from that, though its types do not say so.
    username: (user ?? null) as unknown as string,
    password: password ?? "",
    // The caller owns retry: no second try here, and a host that failed is not put aside ("No host available").
    pool: { maxRetries: 0, requestTimeout: requestMs, backoff: noBackoff },
  });
  const tagsOf = new WeakMap<LineSeries, Record<string, string>>();
  /** Tags are escaped already; node-influx would write a quote after a backslash wrongly. */
  const rawTags = (series: LineSeries): Record<string, string> => {
    const known = tagsOf.get(series);
    if (known !== undefined) return known;
    const tags = Object.fromEntries(series.tags.map(([name, value]) => [name, new Raw(value) as unknown as string]));
    tagsOf.set(series, tags);
    return tags;
  };
  const point = ({ series, time, value, quality }: LinePoint): IPoint => ({
    measurement: series.measurement,
    tags: rawTags(series),
    fields: value === undefined ? { quality } : { value, quality },
    // As text: 0 would be left out, and become the server's time.
    timestamp: String(time),
  });
  return {
    write: (points) => answered(client.writePoints(points.map(point), { database, precision: "ms" })),
    createDatabase: () => answered(client.createDatabase(database)),
    close: () => agent.destroy(),
  };
}

const noBackoff = { getDelay: () => 0, next: () => noBackoff, reset: () => noBackoff };

async function answered(request: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${giveUpMs / 1000} s`)), giveUpMs);
  });
  try {
    await Promise.race([request, late]);
  } catch (cause) {
    throw influxError(cause);
  } finally {
    clearTimeout(timer);
  }
}

/** node-influx's errors carry the response, and its body inside the message. */
function influxError(cause: unknown): InfluxError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const res = cause instanceof Error && "res" in cause ? cause.res : undefined;
  if (typeof res !== "object" || res === null || !("statusCode" in res) || typeof res.statusCode !== "number")
    return new InfluxError(message, { cause });
  const headers = "headers" in res && typeof res.headers === "object" && res.headers !== null ? res.headers : {};
  const after = "retry-after" in headers ? Number(headers["retry-after"]) : Number.NaN;
  const retryAfterMs = Number.isFinite(after) ? after * 1000 : undefined;
  return new InfluxError(wordsOf(message), { cause, status: res.statusCode, retryAfterMs });
}

/** The engine's own words: `{"error":"partial write: ..."}` inside the message. */
function wordsOf(message: string): string {
  const body = /\{.*\}/s.exec(message)?.[0];
  try {
    const parsed: unknown = JSON.parse(body ?? "");
    if (typeof parsed === "object" && parsed !== null && "error" in parsed && typeof parsed.error === "string") return parsed.error;
  } catch {
    // Not the JSON of InfluxDB: some other server's page, shown as it is.
  }
  return message.slice(0, 500).trim();
}
