import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SpoolLockedError } from "../../../agent/spool/lock.ts";
import { FakeClock } from "../../fake-clock.ts";
import { batchOf, drain, open, registryOf, testFolder } from "./readings.ts";

const segments = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith(".seg"));

describe("a spool", () => {
  test("numbers batches from 1 and gives them back in order", async () => {
    const spool = await open(testFolder());
    expect(await Promise.all([1, 2, 3].map((value) => spool.append(batchOf(4, value))))).toEqual([1, 2, 3]);
    const { records, gaps } = await drain(spool);
    expect(records.map(({ seq, value, count }) => ({ seq, value, count }))).toEqual([
      { seq: 1, value: 1, count: 4 },
      { seq: 2, value: 2, count: 4 },
      { seq: 3, value: 3, count: 4 },
    ]);
    expect(gaps).toEqual([]);
    await spool.close();
  });

  test("describes a series in the first two records of a segment that use it, and again when it changes", async () => {
    const registry = registryOf(2);
    const spool = await open(testFolder(), { registry });
    await spool.append(batchOf(1, 1));
    await spool.append(batchOf(2, 2));
    registry.register({
      asset: "filler-0",
      metric: "pressure_pascals",
      labels: {},
      unit: "Pa",
      kind: "gauge",
      origin: "input:7",
      everyMs: 1000,
    });
    await spool.append(batchOf(2, 3));
    const { records } = await drain(spool);
    expect(records.map((record) => record.preamble.series?.map((one) => `${one.number} ${one.origin}`))).toEqual([
      ["0 holding:0"],
      ["0 holding:0", "1 holding:1"],
      ["0 input:7", "1 holding:1"],
    ]);
    expect((await spool.descriptionsBefore(3)).map((one) => one.origin)).toEqual(["holding:0", "holding:1"]);
    await spool.close();
  });

  test("goes on after a restart: same epoch, next seq, a new segment that describes its series anew", async () => {
    const dir = testFolder();
    const first = await open(dir);
    await first.append(batchOf(2, 1));
    const { epoch } = first;
    await first.close();
    const second = await open(dir);
    expect(second.epoch).toBe(epoch);
    expect(second.inherited).toBe(1);
    expect(await second.append(batchOf(2, 2))).toBe(2);
    expect(segments(dir)).toHaveLength(2);
    const { records } = await drain(second);
    expect(records.map((record) => record.preamble.series?.length)).toEqual([2, 2]);
    await second.close();
  });

  test("keeps nothing that is acknowledged, and never uses a seq twice", async () => {
    const dir = testFolder();
    const first = await open(dir);
    for (const value of [1, 2, 3]) await first.append(batchOf(1, value));
    first.ack(3);
    await first.close();
    const second = await open(dir);
    expect(segments(dir)).toEqual([]);
    expect(second.acked).toBe(3);
    expect(await second.append(batchOf(1, 4))).toBe(4);
    await second.close();
  });

  test("deletes a segment only once the acknowledgement is on disk", async () => {
    const dir = testFolder();
    const clock = new FakeClock();
    const spool = await open(dir, { clock, maxBytes: 16_384 });
    while (segments(dir).length < 3) await spool.append(batchOf(4, 1));
    spool.ack(spool.stats().lastSeq);
    expect(segments(dir).length).toBeGreaterThan(2);
    clock.after(1000, () => {});
    await clock.advance(1000);
    await expect.poll(() => segments(dir).length).toBe(1);
    await spool.close();
    const again = await open(dir);
    expect(again.stats().waiting).toBe(0);
    await again.close();
  });

  test("survives one damaged acknowledgement slot", async () => {
    const dir = testFolder();
    const first = await open(dir);
    for (const value of [1, 2, 3]) await first.append(batchOf(1, value));
    first.ack(1);
    await first.close();
    const second = await open(dir);
    second.ack(2);
    await second.close();
    const slots = ["ack.a", "ack.b"].map((name) => `${dir}/${name}`);
    const newest = slots.find((slot) => readFileSync(slot).readBigUInt64LE(0) === 2n) ?? "";
    writeFileSync(newest, Buffer.alloc(12, 0xff));
    const third = await open(dir);
    expect(third.acked).toBe(1);
    expect((await drain(third)).records.map((record) => record.seq)).toEqual([2, 3]);
    await third.close();
  });

  test("begins a new epoch where EPOCH is gone", async () => {
    const dir = testFolder();
    const first = await open(dir);
    const { epoch } = first;
    await first.close();
    writeFileSync(`${dir}/EPOCH`, "");
    const second = await open(dir);
    expect(second.epoch).not.toBe(epoch);
    await second.close();
  });

  test("belongs to one agent", async () => {
    const dir = testFolder();
    const spool = await open(dir);
    await expect(open(dir)).rejects.toThrow(SpoolLockedError);
    await spool.close();
    // Left behind by a process that is gone, or whose number another one has now.
    for (const lock of ['{"pid":999999999,"started":"x"}', '{"pid":1,"started":"x"}', "{"]) {
      writeFileSync(`${dir}/LOCK`, lock);
      await (await open(dir)).close();
    }
    expect(existsSync(`${dir}/LOCK`)).toBe(false);
  });

  test("full: drops the oldest segment and says exactly what was dropped, also after a restart", async () => {
    const dir = testFolder();
    const spool = await open(dir, { maxBytes: 8_192 });
    const appended = 200;
    for (let value = 1; value <= appended; value++) await spool.append(batchOf(4, value));
    expect(spool.stats().bytes).toBeLessThanOrEqual(8_192);
    await spool.close();
    const again = await open(dir, { maxBytes: 8_192 });
    const { records, gaps } = await drain(again);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ firstSeq: 1, reason: "spool full" });
    expect((gaps[0]?.count ?? 0) + 4 * records.length).toBe(4 * appended);
    expect(records[0]?.seq).toBe((gaps[0]?.lastSeq ?? 0) + 1);
    expect(records.at(-1)).toMatchObject({ seq: appended, value: appended });
    await again.close();
  });

  test("full: what the shipper holds in memory is not counted as dropped", async () => {
    const spool = await open(testFolder(), { maxBytes: 8_192 });
    await spool.append(batchOf(4, 1));
    await spool.next(1, new AbortController().signal);
    for (let value = 2; value <= 200; value++) await spool.append(batchOf(4, value));
    const entry = await spool.next(2, new AbortController().signal);
    expect(entry).toMatchObject({ kind: "gap", gap: { firstSeq: 2 } });
    await spool.close();
  });

  test("a refused batch goes to quarantine, a gap takes its place, the next one follows", async () => {
    const dir = testFolder();
    const spool = await open(dir);
    for (const value of [1, 2, 3]) await spool.append(batchOf(2, value));
    const entry = await spool.next(2, new AbortController().signal);
    if (entry?.kind !== "record") throw new Error("expected a record");
    await spool.refuse(entry, "refused: bad");
    const { records, gaps } = await drain(spool);
    expect(records.map((record) => record.seq)).toEqual([1, 3]);
    expect(gaps).toMatchObject([{ firstSeq: 2, lastSeq: 2, count: 2, reason: "refused: bad" }]);
    expect(readdirSync(`${dir}/quarantine`)).toEqual(["00000000000000000002.rec"]);
    await spool.close();
  });

  test("waits for what is not there yet", async () => {
    const spool = await open(testFolder());
    const stop = new AbortController();
    const next = spool.next(1, stop.signal);
    await spool.append(batchOf(1, 7));
    expect(await next).toMatchObject({ kind: "record", seq: 1 });
    const never = spool.next(2, stop.signal);
    stop.abort();
    expect(await never).toBeUndefined();
    await spool.close();
  });

  test("a backlog costs no memory per record", async () => {
    const dir = testFolder();
    const spool = await open(dir, { maxBytes: 64 << 20 });
    const many: Promise<number>[] = [];
    for (let value = 0; value < 6_000; value++) many.push(spool.append(batchOf(1, value)));
    await Promise.all(many);
    await spool.close();
    const before = process.memoryUsage();
    const again = await open(dir, { maxBytes: 64 << 20 });
    let seen = 0;
    const signal = new AbortController().signal;
    for (let seq = 1; seq <= 6_000; seq++) if ((await again.next(seq, signal))?.kind === "record") seen++;
    const after = process.memoryUsage();
    expect(seen).toBe(6_000);
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(40 << 20);
    await again.close();
  });
});
