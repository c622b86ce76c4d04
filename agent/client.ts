import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { AgentConfig } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import { signatureHeader, signedHeaders, signRequest } from "../core/signature.ts";
import { withDeadline } from "./deadline.ts";
import { PinnedAgent } from "./pin.ts";

/** What the collector said. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body where it is JSON; undefined else. */
  readonly body: unknown;
}

export interface Ask {
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface ClientOptions {
  /** The collector's base URL. */
  readonly collector: string;
  readonly clock: Clock;
  /** The agent's private key, asked for at each request; unsigned without it. */
  readonly key?: () => KeyObject | undefined;
  /** Certificates (PEM) that an https collector's has to be signed by; the system's without them. */
  readonly ca?: string;
  /** Keys of which an https collector has to have one: `sha256/BASE64` of its SubjectPublicKeyInfo (RFC 7469 §2.4). Without `ca` they are enough. */
  readonly pins?: readonly string[];
  /** Longest time for one answer, ms. */
  readonly timeoutMs?: number;
}

/** An answer of the collector is a few hundred bytes; more than this is something else. */
const mostAnswerBytes = 1 << 20;
const defaultTimeoutMs = 30_000;

/** Speaks HTTP to one collector over one kept-alive connection. */
export class CollectorClient {
  readonly #base: URL;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #key: () => KeyObject | undefined;

  constructor(options: ClientOptions) {
    this.#base = new URL(options.collector.endsWith("/") ? options.collector : `${options.collector}/`);
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    const pool = { keepAlive: true, maxSockets: 1 };
    this.#agent = this.#base.protocol === "https:" ? tlsAgent(pool, options) : new HttpAgent(pool);
    this.#key = options.key ?? (() => undefined);
  }

  /**
   * One try, never repeated in here: the shipper has to know whether something may have arrived before. Rejects when there is
   * no whole answer: no connection, cut, too slow, aborted.
   */
  ask(ask: Ask, signal: AbortSignal): Promise<Answer> {
    const late = (): Error => new Error(`no answer from ${this.#base.host} in ${this.#timeoutMs} ms`);
    return withDeadline({ clock: this.#clock, ms: this.#timeoutMs, signal, late }, (limited) => this.#exchange(ask, limited));
  }

  close(): void {
    this.#agent.destroy();
  }

  /** docs/delivery.md §3.6. A request that brings a token of its own is not signed. */
  #signature({ method, path, headers, body }: Ask): Record<string, string> {
    const key = "authorization" in headers ? undefined : this.#key();
    if (key === undefined) return {};
    return { [signatureHeader]: signRequest({ method, path, ...signedPart(headers), body }, key) };
  }

  #exchange(ask: Ask, signal: AbortSignal): Promise<Answer> {
    const request = this.#base.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const url = new URL(ask.path.replace(/^\//, ""), this.#base);
      const length = ask.body === undefined ? {} : { "content-length": String(ask.body.length) };
      const headers = { ...ask.headers, ...length, ...this.#signature(ask) };
      const sent = request(url, { method: ask.method, headers, agent: this.#agent });
      const stop = (): void => {
        sent.destroy(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      sent.on("close", () => signal.removeEventListener("abort", stop));
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > mostAnswerBytes) sent.destroy(new Error(`answer of more than ${mostAnswerBytes} bytes`));
          else chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parseJson(Buffer.concat(chunks)) }),
        );
      });
      sent.end(ask.body);
    });
  }
}

/** How a config says whom to take for its collector. Throws where the CA's file cannot be read. */
export function trustOf({ ca, pin = [] }: Pick<AgentConfig, "ca" | "pin">): Pick<ClientOptions, "ca" | "pins"> {
  return { ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }), pins: [pin].flat() };
}

function tlsAgent(pool: { keepAlive: boolean; maxSockets: number }, { ca, pins }: ClientOptions): HttpsAgent {
  const options = { ...pool, ...(ca === undefined ? {} : { ca }), minVersion: "TLSv1.2" as const };
  return pins === undefined || pins.length === 0 ? new HttpsAgent(options) : new PinnedAgent(options, pins);
}

/** The headers that the signature of a request covers. */
function signedPart(headers: Readonly<Record<string, string>>): Record<keyof typeof signedHeaders, string> {
  const read = (name: keyof typeof signedHeaders): string => headers[signedHeaders[name]] ?? "";
  return { agent: read("agent"), epoch: read("epoch"), seq: read("seq"), sentAt: read("sentAt") };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
