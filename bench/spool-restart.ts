import { SeriesRegistry } from "../agent/registry.ts";
import { openSpool } from "../agent/spool/open.ts";
import { systemClock } from "../core/clock.ts";
import { silentLog } from "../core/log.ts";

// Opens the spool that is named, reads on for a while, and says what that took: a process of its own, so that memory is its own.
const [dir = ""] = process.argv.slice(2);
const reads = 5000;
const rss = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};
const before = rss();
const begin = performance.now();
const spool = await openSpool({ dir, maxBytes: 8 * 2 ** 30, clock: systemClock(), log: silentLog, series: new SeriesRegistry() });
const { signal } = new AbortController();
await spool.next(spool.acked + 1, signal);
const openMs = performance.now() - begin;
const rssMiB = rss() - before;
for (let n = 0; n < reads; n++) await spool.next(spool.acked + 1 + n, signal);
const { waiting } = spool.stats();
process.stdout.write(JSON.stringify({ openMs, rssMiB, readMiB: rss() - before, waiting, read: reads }));
await spool.close();
