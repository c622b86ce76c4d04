import { inflateRawSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { Batcher } from "../../agent/batcher.ts";
import type { Answer, Ask } from "../../agent/client.ts";
import { Shipper } from "../../agent/shipper.ts";
import { type BatchPreamble, decodeBatch } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import { Q } from "../../core/quality.ts";
import { parseHeader, recordHeaderBytes } from "../../core/record.ts";
import { open, registryOf, testFolder } from "../agent/spool/readings.ts";
import { FakeClock } from "../fake-clock.ts";

/** `npm run soak` asks for the long form, of three days. */
const hours = process.env["KILLS"] === undefined ? 24 : 72;
const everyMs = 60_000;
const series = 200;
const maxBytes = 1 << 20;

/** A collector that is away, and then takes what comes and counts it. */
class Taker {
  away: boolean = true;
  tries = 0;
  stored = 0;
  lost = 0;
  readonly seqs: number[] = [];
  #mark: number | null = null;

  readonly ask = (ask: Ask): Promise<Answer> => {
    this.tries++;
    if (this.away) return Promise.reject(new Error("connect ECONNREFUSED"));
    if (ask.method === "POST" && ask.body !== undefined) {
      if (ask.headers["content-type"]?.endsWith("batches") === true) this.#takeRun(ask.body);
      else if (ask.headers["content-type"]?.endsWith("batch") === true) this.#take(Number(ask.headers["x-millwright-seq"]), ask.body);
    }
    return Promise.resolve({ status: 200, headers: {}, body: { ack: this.#mark, mark: this.#mark } });
  };

  #takeRun(body: Buffer): void {
    for (let at = 0; at < body.length; ) {
      const header = parseHeader(body, at);
      if (header === undefined) throw new Error("no record");
      this.#take(header.seq, body.subarray(at + recordHeaderBytes, at + recordHeaderBytes + header.length));
      at += recordHeaderBytes + header.length;
    }
  }

  #take(seq: number, payload: Buffer): void {
    const { preamble, readings } = decodeBatch(inflateRawSync(payload));
    this.stored += readings.length;
    for (const gap of (preamble as BatchPreamble).gaps ?? []) this.lost += gap.count;
    this.seqs.push(seq);
    this.#mark = seq;
  }
}

test("a long outage: memory stays flat, the spool stays within its size, stored + gap = polled", async () => {
  const clock = new FakeClock();
  const registry = registryOf(series);
  const spool = await open(testFolder(), { clock, registry, maxBytes });
  onTestFinished(() => spool.close());
  const taker = new Taker();
  const shipper = new Shipper({ agent: "a", spool, client: taker, clock, log: silentLog, random: Math.random, fresh: () => {} });
  let appended: Promise<unknown> = Promise.resolve();
  const batcher = new Batcher({ clock, log: silentLog, append: (batch) => (appended = spool.append(batch)) });
  shipper.start();
  let polled = 0;
  let most = 0;
  const heap = { before: 0, after: 0 };
  for (let minute = 0; minute < hours * 60; minute++) {
    for (let n = 0; n < series; n++, polled++) batcher.put(n, clock.now(), Math.random() * 1000, Q.Good);
    await clock.advance(everyMs);
    await appended;
    most = Math.max(most, spool.stats().bytes);
    if (minute === 600) heap.before = process.memoryUsage().heapUsed;
  }
  heap.after = process.memoryUsage().heapUsed;
  const { tries } = taker;
  taker.away = false;
  for (let turns = 0; spool.stats().waiting > 0 && turns < 5000; turns++) {
    await clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await clock.advance(2000);
  const stopping = shipper.stop();
  await clock.advance(60_000);
  await stopping;
  const grown = Math.round((heap.after - heap.before) / 2 ** 20);
  process.stdout.write(
    `${hours} h away: ${polled} polled = ${taker.stored} stored + ${taker.lost} gap; spool at most ${most} of ${maxBytes} bytes; heap ${grown} MiB more after ${hours - 10} h more; ${tries} tries\n`,
  );
  expect(taker.stored + taker.lost).toBe(polled);
  expect(taker.lost).toBeGreaterThan(0);
  expect(taker.stored).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(maxBytes);
  expect(taker.seqs).toEqual([...new Set(taker.seqs)].sort((a, b) => a - b));
  expect(grown).toBeLessThan(64);
});
