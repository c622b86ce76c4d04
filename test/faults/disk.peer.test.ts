import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { until } from "../peers/process.ts";
import { Mint, type MintOptions, readStore } from "./oracle.ts";
import { CollectorSite, longer } from "./site.ts";

const faultMs = 300 * longer;
let shim = "";

beforeAll(() => {
  shim = join(mkdtempSync(join(tmpdir(), "millwright-shim-")), "disk.so");
  const source = fileURLToPath(new URL("disk.c", import.meta.url));
  const built = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], { encoding: "utf8" });
  expect(built.stderr, "cc builds the shim").toBe("");
  return () => rmSync(join(shim, ".."), { recursive: true, force: true });
});

/** A mint on a disk that fails as it is told. */
async function onFaultyDisk(site: CollectorSite, options: Partial<MintOptions> & { readonly collector: string }) {
  const orders = join(site.folder, "fault");
  writeFileSync(orders, "");
  const mint = await Mint.start({ dir: join(site.folder, "spool"), ...options, env: { LD_PRELOAD: shim, MW_FAULT: orders } });
  await until("the first readings are accepted", 10_000, () => mint.accepted > 100);
  return { mint, become: (fault: string) => writeFileSync(orders, fault) };
}

/** Ends the mint, lets a second life send what the first had not, and looks into the store. */
async function conclude(site: CollectorSite, mint: Mint, what: string) {
  const end = await mint.end();
  const collector = await site.start();
  const rest = await Mint.start({ dir: join(site.folder, "spool"), collector: collector.url, from: secondLife });
  await until("the first life's batches are stored", 20_000, () => (collector.view.agents()[0]?.seq ?? 0) >= end.spool.lastSeq);
  await rest.end();
  await site.stop();
  const found = await readStore(site.store);
  const stored = found.values.filter((value) => value < secondLife).length;
  const lost = JSON.stringify(found.lost);
  process.stdout.write(
    `${what}: ${mint.minted} polled, ${mint.accepted} accepted, ${stored} stored, ${found.lostTotal} told as lost ${lost}, ${found.doubled} doubled; jitter p99 ${end.jitterMs} ms\n`,
  );
  return { found, stored };
}

/** Values of a mint's second life begin here. */
const secondLife = 1_000_000_000;

test(
  "a disk that is full, writes short, fails to sync, goes read-only, and gets well: every reading is delivered once",
  async () => {
    const site = await CollectorSite.create();
    const collector = await site.start();
    const { mint, become } = await onFaultyDisk(site, { collector: collector.url });
    for (const fault of ["short", "eio", "readonly", "full"]) {
      const before = mint.faults.length;
      become(fault);
      await until(`the spool speaks of its fault (${fault})`, 10_000, () => mint.faults.length > before);
      await sleep(faultMs);
      become("");
      const stuck = mint.minted;
      await until(`the disk takes readings again after ${fault}`, 10_000, () => mint.accepted >= stuck);
    }
    const { found, stored } = await conclude(site, mint, `disk short, EIO, read-only, full for ${faultMs} ms each`);
    expect(found).toMatchObject({ doubled: 0, lostTotal: 0 });
    expect([stored, mint.accepted]).toEqual([mint.minted, mint.minted]);
  },
  180_000 + 8 * faultMs,
);

test("a disk that stays full until memory is full too: what had to be dropped is counted to the reading", async () => {
  const site = await CollectorSite.create();
  const collector = await site.start();
  const { mint, become } = await onFaultyDisk(site, { collector: collector.url, maxBytes: 1 << 20, perTick: 200 });
  become("full");
  const before = mint.accepted;
  await until("more is minted than memory holds", 30_000, () => mint.minted - before > 25_000);
  become("");
  const stuck = mint.accepted;
  await until("the disk takes readings again", 10_000, () => mint.accepted > stuck);
  const { found, stored } = await conclude(site, mint, "disk and memory full");
  expect(found.doubled).toBe(0);
  expect(stored + found.lostTotal).toBe(mint.minted);
  expect(found.lost["disk and memory were full"]).toBeGreaterThan(1000);
}, 180_000);

test(
  "every third fdatasync fails with EIO (strace): every reading is delivered once",
  async () => {
    const site = await CollectorSite.create();
    const collector = await site.start();
    const under = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=3+3"];
    const mint = await Mint.start({ dir: join(site.folder, "spool"), collector: collector.url, under });
    await until("many readings are accepted", 20_000 + 10 * faultMs, () => mint.accepted > 800 * longer);
    const { found, stored } = await conclude(site, mint, "1 in 3 fdatasync EIO");
    expect(found).toMatchObject({ doubled: 0, lostTotal: 0 });
    expect([stored, mint.accepted]).toEqual([mint.minted, mint.minted]);
  },
  180_000 + 20 * faultMs,
);
