import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { inflateRawSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { type BatchPreamble, decodeBatch, type Gap, type NumberedSeries } from "../../core/batch.ts";
import { parseHeader, recordHeaderBytes } from "../../core/record.ts";

/** What a scripted fault does to one request instead of the protocol. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object; readonly problem?: boolean }
  | "reset" // the connection is cut before anything is done
  | "hang" // no answer ever
  | "lose"; // stored, but the answer is lost

interface Life {
  mark: number | null;
  readonly series: Map<number, NumberedSeries>;
}

/** One stored reading, by what it means. */
export interface Stored {
  readonly origin: string;
  readonly value: number;
}

/**
 * The collector's half of docs/delivery.md §3 on a real HTTP server, with its ledger in memory; what it is sent that breaks the
 * protocol is answered as the page says.
 */
export class LedgerServer {
  url = "";
  readonly lives = new Map<string, Life>();
  readonly stored: Stored[] = [];
  readonly gaps: Gap[] = [];
  readonly described: number[][] = [];
  /** Taken one by one by POSTs of batches, before the protocol. */
  faults: Fault[] = [];
  /** Answer to every batch with this seq. */
  readonly poison = new Set<number>();
  posts = 0;
  /** Requests that held several batches, and how many each. */
  readonly runs: number[] = [];
  /** What was shown of the present, and how many readings were stored by then. */
  readonly shown: (Stored & { readonly after: number })[] = [];
  /** As a collector of before there were several batches in a request. */
  old: boolean;
  readonly #shownSeries = new Map<number, NumberedSeries>();
  handshakes = 0;
  #close: () => void = () => {};

  constructor() {
    this.old = false;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    this.url = `http://127.0.0.1:${address.port}`;
    this.#close = () => {
      server.closeAllConnections();
      server.close();
    };
    onTestFinished(() => this.stop());
    return this;
  }

  stop(): void {
    this.#close();
  }

  life(epoch: string): Life {
    const found = this.lives.get(epoch) ?? { mark: null, series: new Map<number, NumberedSeries>() };
    this.lives.set(epoch, found);
    return found;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    if (request.method === "GET") {
      this.handshakes++;
      return answer(response, { status: 200, body: { mark: this.life(url.searchParams.get("epoch") ?? "").mark, time: Date.now() } });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const life = this.life(String(request.headers["x-millwright-epoch"]));
    if (request.headers["content-type"] === "application/json") {
      const { series } = JSON.parse(body.toString()) as { series: NumberedSeries[] };
      this.described.push(series.map((one) => one.number));
      for (const one of series) life.series.set(one.number, one);
      return answer(response, { status: 200, body: { ack: life.mark, time: Date.now() } });
    }
    this.posts++;
    const fault = this.faults.shift();
    if (fault === "reset") return void request.socket.destroy();
    if (fault === "hang") return;
    if (fault !== undefined && fault !== "lose") return answer(response, fault);
    const type = request.headers["content-type"] ?? "";
    if (this.old && type !== "application/vnd.millwright.batch") return answer(response, { status: 415, problem: true, body: {} });
    const seq = Number(request.headers["x-millwright-seq"]);
    const given =
      type === "application/vnd.millwright.batches"
        ? this.#takeRun(life, body)
        : type === "application/vnd.millwright.now"
          ? this.#show(body)
          : this.#take(life, seq, body);
    if (fault === "lose") return void request.socket.destroy();
    answer(response, given);
  }

  #takeRun(life: Life, body: Buffer): Exclude<Fault, string> {
    let first: Exclude<Fault, string> | undefined;
    let last: Exclude<Fault, string> | undefined;
    let batches = 0;
    for (let at = 0; at < body.length; batches++) {
      const header = parseHeader(body, at);
      if (header === undefined) return { status: 400, problem: true, body: { title: "no record" } };
      const given = this.#take(life, header.seq, body.subarray(at + recordHeaderBytes, at + recordHeaderBytes + header.length));
      at += recordHeaderBytes + header.length;
      first ??= given;
      if (given.status !== 200) break;
      last = given;
    }
    this.runs.push(batches);
    return last ?? first ?? { status: 400, problem: true, body: { title: "no record" } };
  }

  #show(body: Buffer): Exclude<Fault, string> {
    const { preamble, readings } = decodeBatch(inflateRawSync(body));
    for (const one of (preamble as BatchPreamble).series ?? []) this.#shownSeries.set(one.number, one);
    const unknown = [...readings.series].filter((number) => !this.#shownSeries.has(number));
    if (unknown.length > 0) return { status: 409, problem: true, body: { describe: unknown } };
    for (let at = 0; at < readings.length; at++)
      this.shown.push({
        origin: this.#shownSeries.get(readings.series[at] ?? -1)?.origin ?? "",
        value: readings.value[at] ?? Number.NaN,
        after: this.stored.length,
      });
    return { status: 200, body: { time: Date.now() } };
  }

  #take(life: Life, seq: number, body: Buffer): Exclude<Fault, string> {
    const { preamble, readings } = decodeBatch(inflateRawSync(body));
    const { series = [], gaps = [] } = preamble as BatchPreamble;
    if (this.poison.has(seq) && readings.length > 0) return { status: 422, problem: true, body: { title: "bad batch" } };
    if (life.mark !== null && seq <= life.mark) return { status: 200, body: { ack: life.mark, duplicate: true, time: Date.now() } };
    if (life.mark !== null) {
      for (let missing = life.mark + 1; missing < seq; missing++) {
        if (!gaps.some((gap) => gap.firstSeq <= missing && missing <= gap.lastSeq))
          return { status: 409, problem: true, body: { expect: life.mark + 1 } };
      }
    }
    const known = new Map(life.series);
    for (const one of series) known.set(one.number, one);
    const unknown = [...new Set(readings.series)].filter((number) => !known.has(number));
    if (unknown.length > 0) return { status: 409, problem: true, body: { describe: unknown } };
    for (const one of series) life.series.set(one.number, one);
    for (let at = 0; at < readings.length; at++)
      this.stored.push({ origin: known.get(readings.series[at] ?? -1)?.origin ?? "", value: readings.value[at] ?? Number.NaN });
    this.gaps.push(...gaps);
    life.mark = seq;
    return { status: 200, body: { ack: seq, time: Date.now() } };
  }
}

function answer(response: ServerResponse, given: Exclude<Fault, string>): void {
  const type = given.problem === true ? "application/problem+json" : "application/json";
  response.writeHead(given.status, { "content-type": type, ...given.headers });
  response.end(JSON.stringify(given.body ?? {}));
}
