import { Batcher } from "../../agent/batcher.ts";
import { CollectorClient } from "../../agent/client.ts";
import { both, NowLane } from "../../agent/now.ts";
import { SeriesRegistry } from "../../agent/registry.ts";
import { Shipper } from "../../agent/shipper.ts";
import { openSpool } from "../../agent/spool/open.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { Q } from "../../core/quality.ts";

/*
 * Everything of an agent behind its sources, in a process of its own: mints readings, each of a value that no other has, and ships
 * them. Says `minted FROM TO` before it hands readings over, `accepted FIRST LAST` once a batch of them is durable, `fault TEXT` when
 * the spool's fault changes. SIGUSR2: mints one series that no collector takes. SIGTERM: stops minting, says `end {json}` once all
 * is written, and ends.
 */
interface Orders {
  readonly dir: string;
  readonly collector: string;
  readonly maxBytes: number;
  /** First value. */
  readonly from: number;
  /** Readings per 20 ms. */
  readonly perTick: number;
  readonly timeoutMs: number;
}

const tickMs = 20;
const seriesCount = 10;
const orders = JSON.parse(process.argv[2] ?? "{}") as Orders;
const clock: Clock = systemClock();
const registry = new SeriesRegistry();
const spool = await openSpool({ dir: orders.dir, maxBytes: orders.maxBytes, clock, log: silentLog, series: registry });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const batcher = new Batcher({
  clock,
  log: silentLog,
  async append(batch) {
    const { value, length } = batch.readings;
    const seq = await spool.append(batch);
    if (length > 0) say(`accepted ${value[0]} ${value[length - 1]}`);
    return seq;
  },
});
const now = new NowLane({ clock, spool, series: registry });
const out = both(batcher, now);
const client = new CollectorClient({ collector: orders.collector, clock, timeoutMs: orders.timeoutMs });
const shipper = new Shipper({ agent: "mint", spool, client, now, clock, log: silentLog, random: Math.random, fresh: () => {} });
shipper.start();

const series = Array.from({ length: seriesCount }, (_, n) =>
  registry.register({ asset: "mint", metric: "minted", labels: { n: String(n) }, unit: "1", kind: "gauge", origin: `${n}`, everyMs: 20 }),
);
let next = orders.from;
let minting = true;
let fault = "";
const late: number[] = [];
const start = clock.monotonic();

/** Ticks stand still on the clock, whatever one of them takes: what is late is what a poll would be. */
function tick(n: number): void {
  late.push(clock.monotonic() - (start + n * tickMs));
  if (!minting) return;
  say(`minted ${next} ${next + orders.perTick - 1}`);
  for (let i = 0; i < orders.perTick; i++, next++) out.put(series[next % seriesCount] ?? 0, clock.now(), next, Q.Good);
  const found = spool.stats().fault;
  if (found !== fault) say(`fault ${found}`);
  fault = found;
  const ahead = Math.max(n + 1, Math.ceil((clock.monotonic() - start) / tickMs));
  clock.after(start + ahead * tickMs - clock.monotonic(), () => tick(ahead));
}
tick(0);

process.on("SIGUSR2", () => {
  const poison = registry.register({ asset: "mint", metric: "no metric", labels: {}, unit: "1", kind: "gauge", origin: "p", everyMs: 20 });
  out.put(poison, clock.now(), next++, Q.Good);
  say(`minted ${next - 1} ${next - 1}`);
});

process.on("SIGTERM", () => {
  minting = false;
  void end();
});

async function end(): Promise<void> {
  await batcher.flush();
  await shipper.stop();
  client.close();
  const status = shipper.status();
  await spool.close();
  const sorted = late.sort((a, b) => a - b);
  const jitterMs = Math.round((sorted[Math.floor(sorted.length * 0.99)] ?? 0) * 10) / 10;
  say(`end ${JSON.stringify({ jitterMs, spool: spool.stats(), refusedBatches: status.refusedBatches })}`);
  process.exit(0);
}
