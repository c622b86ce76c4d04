import { SeriesRegistry } from "../../../agent/registry.ts";
import { openSpool } from "../../../agent/spool/open.ts";
import { systemClock } from "../../../core/clock.ts";
import { ColumnBuilder } from "../../../core/columns.ts";
import { silentLog } from "../../../core/log.ts";
import { Q } from "../../../core/quality.ts";

// Appends batches of one ever growing value until it is killed, and prints `seq value` of each that was accepted.
const [dir = "", from = "0"] = process.argv.slice(2);
const registry = new SeriesRegistry();
const series = registry.register({ asset: "mint", metric: "value", labels: {}, unit: "1", kind: "gauge", origin: "x", everyMs: 1 });
const spool = await openSpool({
  dir,
  maxBytes: 1 << 20,
  clock: systemClock(),
  log: silentLog,
  series: registry,
});
for (let value = Number(from); ; ) {
  const batches = Array.from({ length: 1 + (value % 7) }, async () => {
    const mine = value++;
    const readings = new ColumnBuilder(1);
    readings.put(series, 1_767_225_600_000 + mine, mine, Q.Good);
    const seq = await spool.append({ preamble: {}, readings: readings.view() });
    process.stdout.write(`${seq} ${mine}\n`);
  });
  await Promise.all(batches);
}
