import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { hasVectors, isExpected, type TypeVector, vectorDevice } from "../adapters/sources/modbus/telegraf.ts";
import { startModbusServer } from "../peers/modbus.ts";
import { poll } from "./poll.ts";

/** What a line of poll would have to be, and is not; undefined where it is. */
function fault(vector: TypeVector, line: { value: number | null; quality: string } | undefined): string | undefined {
  if (line === undefined) return `${vector.source_test} ${vector.name}: no line`;
  if (line.value !== null && line.quality === "Good" && isExpected(vector, line.value)) return undefined;
  return `${vector.source_test} ${vector.name}: ${line.value} ${line.quality}, Telegraf has ${vector.expected}`;
}

// Test data from elsewhere is no part of the product; where it is absent the run says so here.
describe.skipIf(!hasVectors)("millwright poll of Telegraf's vectors (needs ../shared/data)", () => {
  it("prints every number and coil as Telegraf has it", async () => {
    const { registers, metrics, inventory, readings, texts } = vectorDevice();
    const server = await startModbusServer(new Map([[17, registers]]));
    try {
      const modbus = { tcp: `127.0.0.1:${server.port}`, unit: 17, metrics, inventory };
      const polled = await poll(stringify({ agent: { name: "a" }, assets: { vectors: { modbus } } }));
      expect([polled.stderr, polled.code]).toEqual(["", 0]);
      const lines = new Map(polled.lines.map((line) => [line.metric, line]));
      const wrong = readings.map(({ vector, name }) => fault(vector, lines.get(name))).filter((one) => one !== undefined);
      process.stdout.write(`Telegraf's vectors: ${readings.length} readings, ${wrong.length} wrong; ${texts.length} texts are inventory\n`);
      expect(wrong).toEqual([]);
      expect([readings.length, polled.lines.length, texts.length]).toEqual([201, 201, 4]);
      expect(readings.map(({ name }) => lines.get(name)?.origin)).toEqual(readings.map(({ origin }) => origin));
      expect(new Set(server.asked.map(({ table }) => table))).toEqual(new Set(["coil", "discrete", "holding", "input"]));
      // Poll reads the texts too, though it prints readings only.
      for (const { origin } of texts)
        expect(
          server.asked.some((read) => holds(read, origin)),
          origin,
        ).toBe(true);
    } finally {
      await server.stop();
    }
  });
});

/** True where a read asked for the register of an origin such as `holding:12`. */
function holds(read: { table: string; address: number; count: number }, origin: string): boolean {
  const [table, register] = origin.split(":");
  return read.table === table && Number(register) >= read.address && Number(register) < read.address + read.count;
}
