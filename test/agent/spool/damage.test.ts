import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SeriesRegistry } from "../../../agent/registry.ts";
import { parseHeader } from "../../../core/record.ts";
import { batchOf, drain, open, testFolder } from "./readings.ts";

/** `npm run soak` flips ten thousand and cuts at every byte. */
const soak = process.env["KILLS"] !== undefined;
const flips = soak ? 10_000 : 200;
const cutsApart = soak ? 1 : 4;
const batches = 5;
const readingsPerBatch = 1;

/** A closed spool with `batches` records in one segment. */
async function filled(): Promise<{ readonly dir: string; readonly segment: string; readonly ends: readonly number[] }> {
  const dir = testFolder();
  const spool = await open(dir);
  for (let value = 1; value <= batches; value++) await spool.append(batchOf(readingsPerBatch, value));
  await spool.close();
  const segment = readdirSync(dir).find((name) => name.endsWith(".seg")) ?? "";
  const bytes = readFileSync(join(dir, segment));
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = parseHeader(bytes, at);
    if (header === undefined) throw new Error(`no record at ${at}`);
    at += 28 + header.length;
    ends.push(at);
  }
  return { dir, segment, ends };
}

/** A small random generator (mulberry32), so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe("a segment cut short anywhere", () => {
  test("gives every whole record, names the torn one as a gap, and the spool goes on", async () => {
    const { dir, segment, ends } = await filled();
    const size = ends.at(-1) ?? 0;
    const copy = testFolder();
    for (let cut = 0; cut < size; cut += cutsApart) {
      rmSync(copy, { recursive: true });
      cpSync(dir, copy, { recursive: true });
      truncateSync(join(copy, segment), cut);
      const spool = await open(copy);
      const whole = ends.filter((end) => end <= cut).length;
      const torn = cut > (ends[whole - 1] ?? 0);
      expect(await spool.append(batchOf(readingsPerBatch, 99)), `cut at ${cut}`).toBe(whole + (torn ? 2 : 1));
      const { records, gaps } = await drain(spool);
      expect(
        records.map((record) => record.value),
        `cut at ${cut}`,
      ).toEqual([...Array.from({ length: whole }, (_, at) => at + 1), 99]);
      expect(gaps.map((gap) => [gap.firstSeq, gap.lastSeq])).toEqual(torn ? [[whole + 1, whole + 1]] : []);
      await spool.close();
    }
    process.stdout.write(`a segment of ${size} bytes cut at every ${cutsApart}: every whole record given, every torn one a gap\n`);
  }, 120_000);
});

describe("a bit flipped anywhere", () => {
  test("costs at most that record, never lets a wrong one pass, and the gap says which", async () => {
    const whole = await filled();
    const clean = readFileSync(join(whole.dir, whole.segment));
    const random = randomFrom(7);
    const copy = testFolder();
    cpSync(whole.dir, copy, { recursive: true });
    for (let round = 0; round < flips; round++) {
      const bytes = Buffer.from(clean);
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      writeFileSync(join(copy, whole.segment), bytes);
      const hit = whole.ends.findIndex((end) => at < end) + 1;
      const spool = await open(copy);
      const { records, gaps } = await drain(spool);
      const place = `round ${round}: byte ${at}, record ${hit}`;
      expect(
        records.map((record) => [record.seq, record.value, record.count]),
        place,
      ).toEqual(
        Array.from({ length: batches }, (_, n) => n + 1)
          .filter((seq) => seq !== hit)
          .map((seq) => [seq, seq, readingsPerBatch]),
      );
      expect(
        gaps.map((gap) => [gap.firstSeq, gap.lastSeq]),
        place,
      ).toEqual([[hit, hit]]);
      await spool.close();
      writeFileSync(join(copy, "gaps"), "[]");
    }
  }, 300_000);

  test("leaves no record that nobody can explain: what a damaged record described, the next one describes too", async () => {
    const { dir, segment, ends } = await filled();
    const bytes = readFileSync(join(dir, segment));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(join(dir, segment), bytes);
    // Another process, whose numbers mean something else: it can only tell what the segment says.
    const spool = await open(dir, { registry: new SeriesRegistry() });
    const { records } = await drain(spool);
    const known = new Set<number>();
    for (const record of records) {
      for (const one of record.preamble.series ?? []) known.add(one.number);
      expect(
        [...Array(readingsPerBatch).keys()].every((number) => known.has(number)),
        `record ${record.seq}`,
      ).toBe(true);
    }
    expect(records).toHaveLength(ends.length - 1);
    await spool.close();
  });

  test("keeps the damaged segment in quarantine once the rest of it is acknowledged", async () => {
    const { dir, segment, ends } = await filled();
    const bytes = readFileSync(join(dir, segment));
    const at = (ends[2] ?? 0) + 40;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(join(dir, segment), bytes);
    const spool = await open(dir);
    const { gaps } = await drain(spool);
    expect(gaps).toMatchObject([{ firstSeq: 4, lastSeq: 4, count: readingsPerBatch, reason: "damaged on disk" }]);
    await spool.append(batchOf(1, 1));
    spool.ack(batches);
    await spool.close();
    expect(readdirSync(join(dir, "quarantine"))).toEqual([segment]);
  });
});
