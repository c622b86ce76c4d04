/**
 * A process that stores batches for ever, for tests that kill it: `node --import tsx writer-process.ts DIR`. Prints `stored SEQ`
 * after each, or `failed SEQ WHY` and tries that one again. Batch SEQ is 500 readings of value SEQ.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createDuckDbStore } from "../../../../adapters/stores/duckdb/store.ts";
import { messageOf } from "../../../../core/errors.ts";
import { silentLog } from "../../../../core/log.ts";

const perBatch = 500;

const dir = process.argv[2] ?? "";
const store = createDuckDbStore({ dir, log: silentLog, housekeeping: { snapshotEvery: 20_000, tidyEvery: 200 } });
const state = await store.open();
let seq = (state.marks[0]?.seq ?? 0) + 1;
process.stdout.write(`opened ${seq - 1}\n`);
for (;;) {
  try {
    const readings = {
      length: perBatch,
      series: Uint32Array.from({ length: perBatch }, () => Math.random() * 1e9),
      time: Float64Array.from({ length: perBatch }, () => Math.floor(Math.random() * 1e15)),
      value: new Float64Array(perBatch).fill(seq),
      quality: new Uint16Array(perBatch),
    };
    const marks = [{ agent: "a", epoch: "e", seq }];
    await store.append({ series: [], aliases: [], marks, readings: [readings], facts: new Map([["f", `${seq}`]]) });
    process.stdout.write(`stored ${seq}\n`);
    seq++;
  } catch (error) {
    process.stdout.write(`failed ${seq} ${messageOf(error)}\n`);
    await sleep(20);
  }
}
