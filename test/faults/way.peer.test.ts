import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../peers/process.ts";
import { Mint, readStore, valuesInSpool } from "./oracle.ts";
import { FaultyWay, type Way } from "./proxy.ts";
import { CollectorSite, longer } from "./site.ts";

const ways: readonly Way[] = ["503", "429", "reset", "hang", "black hole", "half open", "slow"];
const faultMs = 700 * longer;

test(
  "whatever becomes of the way to the collector: polled = stored + spooled + gap + rejected, exactly",
  async () => {
    const site = await CollectorSite.create();
    const collector = await site.start();
    const way = await new FaultyWay(() => site.port).start();
    const spool = join(site.folder, "spool");
    const mint = await Mint.start({ dir: spool, collector: way.url });
    const stored = (): number => collector.view.counts().readings.get("stored") ?? 0;
    await until("the first readings are stored", 10_000, () => stored() > 0);
    let busiest = 0;
    for (const one of ways) {
      way.become(one);
      const since = performance.now();
      await sleep(faultMs);
      if (one !== "slow") busiest = Math.max(busiest, way.busiest(since + 100));
      const before = stored();
      way.become("pass");
      await until(`readings are stored again after ${one}`, 10_000, () => stored() > before);
    }
    await until("the backlog is stored", 20_000, () => stored() >= mint.accepted - 200);
    // The end comes while the way is broken: what was not acknowledged stays in the spool.
    way.become("reset");
    await sleep(200);
    const end = await mint.end();
    await site.stop();
    const found = await readStore(site.store);
    // The answer to the last request may have been lost: then its batch is in both.
    const stands = new Set(found.values);
    const spooled = valuesInSpool(spool, end.spool.acked + 1).filter((value) => !stands.has(value)).length;
    process.stdout.write(
      `7 faults of the way, ${faultMs} ms each: ${mint.minted} polled = ${found.values.length} stored + ${spooled} spooled + ${found.lostTotal} gap + ${end.spool.refusedReadings} rejected; ${found.doubled} doubled; jitter p99 ${end.jitterMs} ms; at most ${busiest} tries in a second\n`,
    );
    expect(found.doubled).toBe(0);
    expect(mint.minted).toBe(found.values.length + spooled + found.lostTotal + end.spool.refusedReadings);
    expect(spooled).toBeGreaterThan(0);
    expect(mint.minted).toBeGreaterThan(1000);
  },
  180_000 + ways.length * faultMs,
);
