import { describe, expect, it } from "vitest";
import { ExceptionReply } from "../../../../adapters/sources/modbus/exception.ts";
import { Inventory, inventoryEveryMs, inventoryRetryMs } from "../../../../adapters/sources/modbus/inventory.ts";
import { type Span, spanName } from "../../../../adapters/sources/modbus/plan.ts";
import { compileDevice } from "../../../../adapters/sources/modbus/profile.ts";
import { modbusConfig } from "../../../../config/assets.ts";
import { SourceError } from "../../../../core/errors.ts";

const maker = { name: "manufacturer", register: 0, length: 4 };
const serial = { name: "serial_number", register: 40, length: 4 };

/** A device with some texts: `says` is what it answers, by address, or how it fails. */
function rig(inventory: readonly object[] = [maker, serial]) {
  const metrics = [{ metric: "x", register: 0, type: "uint16" }];
  const device = compileDevice("m", modbusConfig.parse({ tcp: "h", metrics, inventory }));
  const subject = new Inventory({ spans: device.inventory, limits: device.limits });
  return async (now: number, says: (span: Span) => string | SourceError) => {
    const asked: string[] = [];
    const failures: string[] = [];
    const facts = await subject.read(now, {
      signal: new AbortController().signal,
      failed: (why) => failures.push(why.message),
      ask: async (span) => {
        asked.push(spanName(span));
        const said = says(span);
        if (said instanceof Error) throw said;
        return Buffer.from(said.padEnd(2 * span.count, "\0"), "latin1");
      },
    });
    return { facts, asked, failures };
  };
}

const named = ({ address }: Span): string => (address === 0 ? "ACME" : "S-0042");
const both = { manufacturer: "ACME", serial_number: "S-0042" };

describe("an inventory", () => {
  it("is read at once, and then once an hour", async () => {
    const read = rig();
    expect(await read(5, named)).toEqual({ facts: both, asked: ["holding 0+4", "holding 40+4"], failures: [] });
    expect(await read(5 + inventoryEveryMs - 1, named)).toEqual({ facts: undefined, asked: [], failures: [] });
    expect((await read(5 + inventoryEveryMs, ({ address }) => (address === 0 ? "ACME" : "S-0043"))).facts).toEqual({
      manufacturer: "ACME",
      serial_number: "S-0043",
    });
  });

  it("is nothing where none is wanted", async () => {
    expect(await rig([])(0, named)).toEqual({ facts: undefined, asked: [], failures: [] });
  });

  it("leaves out what the device refuses, and asks for it no more before the hour is over", async () => {
    const read = rig();
    const refuses = (span: Span) => (span.address === 0 ? new ExceptionReply(2) : named(span));
    const first = await read(0, refuses);
    expect(first.facts).toEqual({ serial_number: "S-0042" });
    expect(first.failures).toEqual(["exception 2 (illegal data address)"]);
    expect((await read(inventoryRetryMs, refuses)).asked).toEqual([]);
    expect((await read(inventoryEveryMs, named)).facts).toEqual(both);
  });

  it("is tried again sooner where the device did not answer, and keeps what is known", async () => {
    const read = rig();
    const silent = () => new SourceError("timeout", "timed out");
    expect(await read(0, silent)).toEqual({ facts: undefined, asked: ["holding 0+4"], failures: ["timed out"] });
    expect((await read(inventoryRetryMs - 1, named)).asked).toEqual([]);
    expect((await read(inventoryRetryMs, named)).facts).toEqual(both);
    const half = await read(inventoryRetryMs + inventoryEveryMs, (span) => (span.address === 0 ? named(span) : silent()));
    expect(half.facts).toEqual(both);
    expect((await read(2 * inventoryRetryMs + inventoryEveryMs, named)).asked.length).toBe(2);
  });

  it("has no fact of an empty text", async () => {
    const read = rig();
    expect((await read(0, ({ address }) => (address === 0 ? "   " : "S-1"))).facts).toEqual({ serial_number: "S-1" });
    expect((await read(inventoryEveryMs, () => "")).facts).toEqual({});
  });

  it("makes two facts of the same registers, and one request of neighbours", async () => {
    const read = rig([maker, { ...maker, name: "swapped", order: "DCBA" }, { name: "next", register: 4, length: 2 }]);
    const { facts, asked } = await read(0, () => "ABCDEFGHIJKL");
    expect(asked).toEqual(["holding 0+6"]);
    expect(facts).toEqual({ manufacturer: "ABCDEFGH", swapped: "BADCFEHG", next: "IJKL" });
  });
});
