import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import type { ServiceView } from "../../core/service-view.ts";
import { faultNames, faults } from "../../demo/faults.ts";
import { until } from "../peers/process.ts";
import { startDemo } from "./demo.ts";

/** What is promised on an idle machine, ms; how long it took is printed. */
const okWithin = 20_000;
const seenWithin = 15_000;

/** Two demos, each with half of the faults: most of the time is waiting for on-delays. */
const halves = [0, 1].map((half) => faultNames.filter((_, i) => i % 2 === half));

describe.concurrent("the demo", () => {
  it.each(halves.map((names) => [names.join(", "), names] as const))(
    "becomes ok, tells of %s, is ok again after each, and leaves nothing behind",
    async (_, names) => {
      const started = Date.now();
      const demo = await startDemo();
      const folder = dirname(/config\s+(\S+)/.exec(demo.output())?.[1] ?? "");
      const lines: string[] = [];
      try {
        await demo.allOk(okWithin);
        await everyProtocolIsGood(demo);
        lines.push(`all ok and all Good after ${Date.now() - started} ms`);
        for (const name of names) {
          const { expect: expected } = faults[name];
          demo.toggle(name);
          const broken = Date.now();
          const seen = await serviceAt(demo, expected.service, expected.level);
          lines.push(`${name}: ${seen.id} ${seen.level} after ${Date.now() - broken} ms: ${seen.why}`);
          const cause = (await demo.assets()).find((asset) => asset.id === expected.cause);
          expect(seen.causes).toContain(expected.cause);
          expect(seen.why).toContain(cause?.name);
          demo.toggle(name);
          const mended = Date.now();
          await demo.allOk(30_000);
          lines.push(`  ok again after ${Date.now() - mended} ms`);
        }
      } finally {
        process.stdout.write(`${lines.join("\n")}\n`);
        expect(await demo.stop()).toBe(0);
      }
      expect(existsSync(folder), `${folder} is gone`).toBe(false);
      expect(() => process.kill(demo.pid, 0)).toThrow();
    },
    300_000,
  );

  it("breaks and mends by itself with --fault", async () => {
    const demo = await startDemo(["--fault", "air-leak", "--fault-after", "3s", "--fault-for", "8s"]);
    try {
      await serviceAt(demo, "compressed-air", "critical");
      await demo.allOk(30_000);
    } finally {
      await demo.stop();
    }
  });

  it("refuses a fault that does not exist, with exit code 2", async () => {
    await expect(startDemo(["--fault", "earthquake"])).rejects.toThrow(/ended with 2[\s\S]*earthquake/);
  });
});

async function everyProtocolIsGood(demo: Awaited<ReturnType<typeof startDemo>>): Promise<void> {
  await until("assets of all three protocols are up with Good readings", okWithin, async () => {
    const [assets, readings] = await Promise.all([demo.assets(), demo.readings()]);
    const good = new Set(readings.filter((reading) => reading.quality === "Good").map((reading) => reading.asset));
    const protocols = new Set(
      assets.filter((asset) => asset.up && good.has(asset.id)).flatMap((asset) => asset.sources.map((source) => source.protocol)),
    );
    return protocols.size === 3 && assets.every((asset) => asset.up && good.has(asset.id));
  });
}

async function serviceAt(demo: Awaited<ReturnType<typeof startDemo>>, id: string, level: string): Promise<ServiceView> {
  let last: ServiceView | undefined;
  await until(`${id} is ${level}`, seenWithin, async () => {
    last = (await demo.services()).find((service) => service.id === id);
    return last?.level === level;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${JSON.stringify(last)}`);
  });
  if (last === undefined) throw new Error(`no service ${id}`);
  return last;
}
