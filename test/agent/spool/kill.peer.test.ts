import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startPeer } from "../../peers/process.ts";
import { drain, open, testFolder } from "./readings.ts";

const appender = fileURLToPath(new URL("appender.ts", import.meta.url));
const kills = 5;

test("a process killed while it appends loses nothing that it was told is accepted", async () => {
  const dir = testFolder();
  const accepted = new Map<number, number>();
  for (let kill = 0; kill < kills; kill++) {
    const linesBefore = 20 + kill * 37;
    const child = await startPeer({
      command: process.execPath,
      args: ["--import", "tsx", appender, dir, String(kill * 1_000_000)],
      ready: (output) => output.split("\n").length > linesBefore,
    });
    await child.kill();
    // The last line may have been cut by the kill.
    for (const line of child.output().split("\n").slice(0, -1)) {
      const [seq = Number.NaN, value = Number.NaN] = line.split(" ").map(Number);
      expect(accepted.has(seq), `seq ${seq} twice`).toBe(false);
      accepted.set(seq, value);
    }
  }
  const spool = await open(dir);
  const { records } = await drain(spool);
  const found = new Map(records.map((record) => [record.seq, record.value]));
  expect(found.size).toBe(records.length);
  expect(new Set(records.map((record) => record.value)).size).toBe(records.length);
  const lost = [...accepted].filter(([seq, value]) => found.get(seq) !== value);
  expect(accepted.size).toBeGreaterThan(kills * 20);
  expect(lost).toEqual([]);
  await spool.close();
});
