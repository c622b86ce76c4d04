import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Batcher } from "../agent/batcher.ts";
import { type Answer, type Ask, CollectorClient } from "../agent/client.ts";
import { both, NowLane } from "../agent/now.ts";
import { SeriesRegistry } from "../agent/registry.ts";
import { Shipper } from "../agent/shipper.ts";
import { openSpool } from "../agent/spool/open.ts";
import type { Spool } from "../agent/spool/spool.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { ColumnBuilder } from "../core/columns.ts";
import { silentLog } from "../core/log.ts";
import { Q } from "../core/quality.ts";
import { freePort } from "../test/peers/port.ts";
import { type Peer, startPeer } from "../test/peers/process.ts";
import type { BenchRow } from "./row.ts";

const agents = 200;
const seriesPerAgent = 50;
/** An hour of readings every 10 s, a batch each. */
const backlogBatches = 360;
const barMs = 5000;

/** Two hundred agents come back at once, each with an hour of backlog, to one collector. */
export async function herdBench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-herd-"));
  const clock = systemClock();
  const url = `http://127.0.0.1:${await freePort()}`;
  const herd: Member[] = [];
  try {
    for (let n = 0; n < agents; n += 20)
      herd.push(
        ...(await Promise.all(Array.from({ length: 20 }, (_, i) => Member.create({ folder, name: `agent-${n + i}`, url, clock })))),
      );
    const collector = await startCollector(folder, url);
    const begin = performance.now();
    for (const member of herd) member.start();
    let peak = 0;
    while (herd.some((member) => member.waiting) && performance.now() - begin < 300_000) {
      await sleep(250);
      peak = Math.max(peak, rssOf(collector.pid));
    }
    const drainedMs = performance.now() - begin;
    const firsts = herd.map((member) => member.firstShown - begin).sort((a, b) => a - b);
    const latest = (await (await fetch(`${url}/api/v1/readings/latest`)).json()) as { readings: unknown[] };
    const refused = herd.reduce((sum, member) => sum + member.refused, 0);
    await Promise.all(herd.map((member) => member.stop()));
    await collector.stop();
    const readings = agents * seriesPerAgent * backlogBatches;
    return [
      {
        name: `${agents} agents with 1 h of backlog each: last one live`,
        value: (firsts.at(-1) ?? 0) / 1000,
        unit: "s",
        note: `bar: ${barMs / 1000}`,
      },
      { name: "median agent live", value: (firsts[agents / 2] ?? 0) / 1000, unit: "s" },
      {
        name: "longest without a look at the present",
        value: Math.max(...herd.map((member) => member.longest)) / 1000,
        unit: "s",
        note: `bar: ${barMs / 1000}`,
      },
      { name: "backlog stored", value: drainedMs / 1000, unit: "s", note: `${readings} readings, ${latest.readings.length} series` },
      { name: "collector at most", value: peak / 2 ** 20, unit: "MiB RSS" },
      { name: "requests put off (429, 503)", value: refused, unit: "requests" },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface MemberOptions {
  readonly folder: string;
  readonly name: string;
  readonly url: string;
  readonly clock: Clock;
}

/** All of an agent but its sources. */
class Member {
  firstShown = Number.POSITIVE_INFINITY;
  /** Longest time between two looks at the present while it was behind, ms. */
  longest = 0;
  refused = 0;
  readonly #spool: Spool;
  readonly #shipper: Shipper;
  readonly #client: CollectorClient;
  #lastShown: number | undefined;
  #stop: () => void = () => {};
  readonly #mint: () => void;

  private constructor(options: MemberOptions, spool: Spool, registry: SeriesRegistry) {
    const { name, url, clock } = options;
    this.#spool = spool;
    this.#client = new CollectorClient({ collector: url, clock });
    const now = new NowLane({ clock, spool, series: registry });
    const batcher = new Batcher({ clock, log: silentLog, append: (batch) => spool.append(batch) });
    const out = both(batcher, now);
    this.#mint = () => {
      for (let n = 0; n < seriesPerAgent; n++) out.put(n, clock.now(), Math.random(), Q.Good);
    };
    const client = { ask: (ask: Ask, signal: AbortSignal) => this.#ask(ask, signal) };
    this.#shipper = new Shipper({ agent: name, spool, client, now, clock, log: silentLog, random: Math.random, fresh: () => {} });
  }

  static async create(options: MemberOptions): Promise<Member> {
    const registry = new SeriesRegistry();
    for (let n = 0; n < seriesPerAgent; n++)
      registry.register({ asset: options.name, metric: `m_${n}`, labels: {}, unit: "1", kind: "gauge", origin: "", everyMs: 10_000 });
    const { folder, name, clock } = options;
    const opened = { dir: join(folder, name), maxBytes: 64 << 20, clock, log: silentLog, series: registry };
    const before = await openSpool(opened);
    const start = clock.now() - backlogBatches * 10_000;
    await Promise.all(
      Array.from({ length: backlogBatches }, (_, batch) => {
        const readings = new ColumnBuilder(seriesPerAgent);
        for (let n = 0; n < seriesPerAgent; n++) readings.put(n, start + batch * 10_000, Math.random(), Q.Good);
        return before.append({ preamble: {}, readings: readings.view() });
      }),
    );
    await before.close();
    return new Member(options, await openSpool(opened), registry);
  }

  get waiting(): boolean {
    return this.#spool.stats().waiting > 5;
  }

  start(): void {
    this.#mint();
    const timer = setInterval(this.#mint, 1000);
    this.#stop = () => clearInterval(timer);
    this.#shipper.start();
  }

  async stop(): Promise<void> {
    this.#stop();
    await this.#shipper.stop();
    this.#client.close();
    await this.#spool.close();
  }

  async #ask(ask: Ask, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#client.ask(ask, signal);
    if (answer.status === 503 || answer.status === 429) this.refused++;
    if (answer.status !== 200 || ask.headers["content-type"]?.endsWith("now") !== true) return answer;
    const at = performance.now();
    if (this.#lastShown === undefined) this.firstShown = at;
    else this.longest = Math.max(this.longest, at - this.#lastShown);
    this.#lastShown = at;
    return answer;
  }
}

function startCollector(folder: string, url: string): Promise<Peer> {
  const config = join(folder, "site.yaml");
  writeFileSync(config, `collector: { listen: "${new URL(url).host}", store: { duckdb: { dir: ./store } } }\n`);
  const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));
  const ready = async (): Promise<boolean> => {
    try {
      return (await fetch(`${url}/readyz`)).ok;
    } catch {
      return false;
    }
  };
  return startPeer({ command: process.execPath, args: [main, "collector", "--config", config], ready });
}

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
