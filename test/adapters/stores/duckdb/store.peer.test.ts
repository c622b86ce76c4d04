import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDuckDbStore } from "../../../../adapters/stores/duckdb/store.ts";
import { silentLog } from "../../../../core/log.ts";
import { type Peer, startPeer, until } from "../../../peers/process.ts";

const perBatch = 500;
let dir: string;
let writer: Peer | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "mw-crash-"));
});

afterEach(async () => {
  await writer?.kill();
  writer = undefined;
  rmSync(dir, { recursive: true, force: true });
});

async function startWriter(): Promise<Peer> {
  writer = await startPeer({
    command: process.execPath,
    args: ["--import", "tsx", fileURLToPath(new URL("writer-process.ts", import.meta.url)), dir],
    ready: (output) => output.includes("opened "),
  });
  return writer;
}

function stored(peer: Peer): number {
  return Number(/^.*\nstored (\d+)\n/s.exec(peer.output())?.[1] ?? 0);
}

function limitFileSize(peer: Peer, bytes: string): void {
  execFileSync("prlimit", ["--pid", `${peer.pid}`, `--fsize=${bytes}:unlimited`]);
}

/** Every batch up to the mark is there once and whole, and nothing else is. Returns the mark. */
async function audit(): Promise<number> {
  const store = createDuckDbStore({ dir, log: silentLog });
  const state = await store.open();
  const mark = state.marks[0]?.seq ?? 0;
  const count = new Map<number, number>();
  for (let position = 0; ; ) {
    const { next, readings } = await store.journal(position, 50_000);
    for (const value of readings.value) count.set(value, (count.get(value) ?? 0) + 1);
    if (next === position) break;
    position = next;
  }
  await store.close();
  expect([...count.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: mark }, (_, i) => i + 1));
  expect(new Set(count.values())).toEqual(new Set([perBatch]));
  expect(state.facts.get("f")).toBe(`${mark}`);
  return mark;
}

describe("a process that stores", () => {
  it("loses nothing it has acknowledged and doubles nothing, killed again and again", async () => {
    let acknowledged = 0;
    for (let round = 0; round < 4; round++) {
      const peer = await startWriter();
      const enough = acknowledged + 20 + Math.floor(Math.random() * 120);
      await until(`${enough} batches`, 20_000, () => stored(peer) >= enough);
      await peer.kill();
      acknowledged = stored(peer);
    }
    const mark = await audit();
    expect(mark).toBeGreaterThanOrEqual(acknowledged);
    expect(mark).toBeLessThanOrEqual(acknowledged + 1);
  });

  it("keeps others out, who are told who holds the file", async () => {
    const peer = await startWriter();
    const store = createDuckDbStore({ dir, log: silentLog });
    await expect(store.open()).rejects.toThrow(
      new RegExp(`^store ${join(dir, "millwright.duckdb")}: is in use by another process, .* with pid ${peer.pid}$`),
    );
  });

  it.each([
    ["in the middle of the log", "200000"],
    ["while the log is folded into the file", "15000000"],
  ])("stores each batch once when the disk is full %s, and goes on when there is room", async (_, bytes) => {
    const peer = await startWriter();
    limitFileSize(peer, bytes);
    await until("a full disk", 30_000, () => peer.output().split("the disk is full").length > 3);
    limitFileSize(peer, "unlimited");
    const before = stored(peer);
    await until("room again", 20_000, () => stored(peer) > before + 20);
    await peer.kill();
    expect(await audit()).toBeGreaterThanOrEqual(stored(peer));
  });
});
