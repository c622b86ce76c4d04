import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { createDuckDbStore } from "../../adapters/stores/duckdb/store.ts";
import type { SpoolStats } from "../../agent/spool/spool.ts";
import { decodeBatch } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import { type Peer, startPeer, until } from "../peers/process.ts";

const mintScript = fileURLToPath(new URL("mint.ts", import.meta.url));

/** What a mint said at its end. */
export interface MintEnd {
  /** p99 of how late a tick of 20 ms came, ms. */
  readonly jitterMs: number;
  readonly spool: SpoolStats;
  readonly refusedBatches: number;
}

export interface MintOptions {
  readonly dir: string;
  readonly collector: string;
  readonly maxBytes?: number;
  readonly from?: number;
  readonly perTick?: number;
  readonly timeoutMs?: number;
  /** What runs it; `node` without it. */
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that mints and ships readings, and the oracle's record of what it said. */
export class Mint {
  readonly peer: Peer;

  private constructor(peer: Peer) {
    this.peer = peer;
  }

  static async start(options: MintOptions): Promise<Mint> {
    const { under = [], env = {}, ...rest } = options;
    const orders = JSON.stringify({ maxBytes: 64 << 20, from: 0, perTick: 10, timeoutMs: 1500, ...rest });
    const [command = process.execPath, ...before] = under;
    const args = [...before, ...(under.length > 0 ? [process.execPath] : []), "--import", "tsx", mintScript, orders];
    const peer = await startPeer({ command, args, env, ready: (output) => output.includes("minted") });
    onTestFinished(() => peer.kill());
    return new Mint(peer);
  }

  /** Readings that were handed over. */
  get minted(): number {
    return sizes(this.#lines("minted")).reduce((sum, size) => sum + size, 0);
  }

  /** Readings whose batches were said to be durable. */
  get accepted(): number {
    return sizes(this.#lines("accepted")).reduce((sum, size) => sum + size, 0);
  }

  /** Every fault that the spool spoke of; empty text where it was well again. */
  get faults(): readonly string[] {
    return this.#lines("fault");
  }

  /** Stops minting, writes what waits, ends. */
  async end(): Promise<MintEnd> {
    process.kill(this.pid, "SIGTERM");
    await until("the mint ends", 20_000, () => this.#lines("end").length > 0);
    return JSON.parse(this.#lines("end")[0] ?? "") as MintEnd;
  }

  /** The node process itself, also where another runs it. */
  get pid(): number {
    const children = readFileSync(`/proc/${this.peer.pid}/task/${this.peer.pid}/children`, "utf8").trim();
    const first = children === "" ? undefined : Number(children.split(" ")[0]);
    return first !== undefined && readFileSync(`/proc/${first}/cmdline`, "utf8").includes("mint.ts") ? first : this.peer.pid;
  }

  #lines(kind: string): string[] {
    // The last line may have been cut by a kill.
    const lines = this.peer.output().split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
  }
}

function sizes(ranges: readonly string[]): number[] {
  return ranges.map((range) => {
    const [from = 0, to = 0] = range.split(" ").map(Number);
    return to - from + 1;
  });
}

/** What a store holds of minted readings, and the losses that it was told of. */
export interface Found {
  readonly values: readonly number[];
  readonly doubled: number;
  /** Readings that gaps tell of, by reason. */
  readonly lost: Readonly<Record<string, number>>;
  readonly lostTotal: number;
}

export async function readStore(dir: string): Promise<Found> {
  const store = createDuckDbStore({ dir, log: silentLog });
  const { series, facts } = await store.open();
  const mint = new Set(series.filter((one) => one.asset === "mint").map((one) => one.index));
  const values: number[] = [];
  for (let position = 0; ; ) {
    const { next, readings } = await store.journal(position, 100_000);
    for (let i = 0; i < readings.length; i++) if (mint.has(readings.series[i] ?? -1)) values.push(readings.value[i] ?? Number.NaN);
    if (next === position) break;
    position = next;
  }
  await store.close();
  const lost: Record<string, number> = {};
  for (const [key, text] of facts) {
    if (!key.startsWith("gap:")) continue;
    const { count, reason } = JSON.parse(text) as { count: number; reason: string };
    lost[reason] = (lost[reason] ?? 0) + count;
  }
  const lostTotal = Object.values(lost).reduce((sum, count) => sum + count, 0);
  return { values, doubled: values.length - new Set(values).size, lost, lostTotal };
}

/** Values of the readings in the records of a spool's segments from `seq` on: read by docs/delivery.md §2 alone. */
export function valuesInSpool(folder: string, seq: number): number[] {
  const values: number[] = [];
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".seg"))) {
    const bytes = readFileSync(join(folder, name));
    for (let at = 0; at + 28 <= bytes.length; ) {
      const end = at + 28 + bytes.readUInt32LE(at + 4);
      if (bytes.toString("latin1", at, at + 4) !== "MWR1" || end > bytes.length) break;
      if (Number(bytes.readBigUInt64LE(at + 8)) >= seq)
        values.push(...decodeBatch(inflateRawSync(bytes.subarray(at + 28, end))).readings.value);
      at = end;
    }
  }
  return values;
}
