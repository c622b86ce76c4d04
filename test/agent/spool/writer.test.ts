import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../fake-clock.ts";
import { FaultyDisk } from "./faults.ts";
import { batchOf, drain, open, testFolder } from "./readings.ts";

describe("writing", () => {
  test("batches that wait together share one fdatasync", async () => {
    const disk = new FaultyDisk();
    const spool = await open(testFolder(), { files: disk.files });
    await Promise.all(Array.from({ length: 50 }, (_, value) => spool.append(batchOf(4, value))));
    expect(disk.syncs).toBeLessThanOrEqual(2);
    expect((await drain(spool)).records).toHaveLength(50);
    await spool.close();
  });

  test.each([
    { what: "ENOSPC", short: false },
    { what: "a write cut short without an error", short: true },
  ])("$what: the ballast is given back, then batches wait in memory, and all are delivered once there is room", async ({ short }) => {
    const disk = new FaultyDisk();
    const clock = new FakeClock();
    const dir = testFolder();
    const spool = await open(dir, { files: disk.files, clock });
    await spool.append(batchOf(4, 1));
    await expect.poll(() => readdirSync(dir)).toContain("ballast");
    disk.short = short;
    disk.roomBytes = 10;
    await spool.append(batchOf(4, 2));
    expect(readdirSync(dir)).not.toContain("ballast");
    disk.roomBytes = 10;
    const waiting = [3, 4, 5].map((value) => spool.append(batchOf(4, value)));
    await expect.poll(() => spool.stats().fault).not.toBe("");
    expect(spool.stats().lastSeq).toBe(2);
    disk.roomBytes = Number.POSITIVE_INFINITY;
    await clock.advance(1000);
    expect(await Promise.all(waiting)).toEqual([3, 4, 5]);
    expect(spool.stats().fault).toBe("");
    const { records, gaps } = await drain(spool);
    expect(records.map((record) => record.value)).toEqual([1, 2, 3, 4, 5]);
    expect(gaps).toEqual([]);
    await spool.close();
  });

  test("disk and memory full: the oldest waiting batches are dropped, counted exactly, and the next batch tells", async () => {
    const disk = new FaultyDisk();
    const clock = new FakeClock();
    const spool = await open(testFolder(), { files: disk.files, clock, maxBytes: 64 << 20 });
    disk.roomBytes = 0;
    const perBatch = 20_000;
    const fates = Array.from({ length: 60 }, (_, value) =>
      spool.append(batchOf(perBatch, value)).then(
        () => "accepted",
        () => "dropped",
      ),
    );
    await expect.poll(() => spool.stats().fault).not.toBe("");
    disk.roomBytes = Number.POSITIVE_INFINITY;
    await clock.advance(1000);
    const told = await Promise.all(fates);
    const dropped = told.filter((fate) => fate === "dropped").length;
    expect(dropped).toBeGreaterThan(10);
    const { records } = await drain(spool);
    expect(records).toHaveLength(60 - dropped);
    expect(records[0]?.preamble.gaps).toMatchObject([{ firstSeq: 1, lastSeq: 1, count: dropped * perBatch }]);
    expect(spool.stats().lostReadings).toBe(dropped * perBatch);
    await spool.close();
  });

  test("fdatasync fails: what was not accepted goes to a new segment that stands alone", async () => {
    const disk = new FaultyDisk();
    const dir = testFolder();
    const spool = await open(dir, { files: disk.files });
    await spool.append(batchOf(4, 1));
    disk.failingSyncs = 1;
    expect(await spool.append(batchOf(4, 2))).toBe(2);
    expect(readdirSync(dir).filter((name) => name.endsWith(".seg"))).toHaveLength(2);
    const { records, gaps } = await drain(spool);
    expect(records.map((record) => [record.value, record.preamble.series?.length])).toEqual([
      [1, 4],
      [2, 4],
    ]);
    expect(gaps).toEqual([]);
    await spool.close();
    // The first segment still holds the record that was never accepted: it must not come twice.
    const again = await open(dir);
    expect((await drain(again)).records.map((record) => record.value)).toEqual([1, 2]);
    await again.close();
  });

  test("fdatasync fails for good: degraded, nothing lost, and it goes on when the disk is back", async () => {
    const disk = new FaultyDisk();
    const clock = new FakeClock();
    const spool = await open(testFolder(), { files: disk.files, clock });
    disk.failingSyncs = 4;
    const waiting = [1, 2, 3].map((value) => spool.append(batchOf(4, value)));
    await expect.poll(() => spool.stats().fault).toContain("EIO");
    for (let second = 0; second < 5; second++) {
      await expect.poll(() => clock.waiting > 0 || spool.stats().fault === "").toBe(true);
      await clock.advance(1000);
    }
    expect(await Promise.all(waiting)).toEqual([1, 2, 3]);
    expect((await drain(spool)).records.map((record) => record.value)).toEqual([1, 2, 3]);
    await spool.close();
  });

  test("closing while the disk takes nothing says so to those who wait", async () => {
    const disk = new FaultyDisk();
    const spool = await open(testFolder(), { files: disk.files });
    disk.roomBytes = 0;
    const waiting = spool.append(batchOf(1, 1));
    const fate = expect(waiting).rejects.toThrow("the spool was closed while");
    await expect.poll(() => spool.stats().fault).not.toBe("");
    await spool.close();
    await fate;
  });
});
