import { describe, expect, it } from "vitest";
import { ExceptionReply } from "../../../../adapters/sources/modbus/exception.ts";
import { type Span, spanName } from "../../../../adapters/sources/modbus/plan.ts";
import { refusalExpiryMs } from "../../../../adapters/sources/modbus/refusals.ts";
import { DeviceReader, restMs } from "../../../../adapters/sources/modbus/round.ts";
import { SourceError } from "../../../../core/errors.ts";
import { qualityName } from "../../../../core/quality.ts";

/** What a device does with a request: nothing is a good answer, else the exception or the failure. */
type Behaviour = (span: Span) => SourceError | undefined;

interface Told {
  readonly asked: string[];
  readonly took: number[];
  readonly missed: [number, string][];
  readonly failure: SourceError | undefined;
}

function rig(spans: readonly Span[], limits = { maxRegisters: 125, maxBits: 2000, maxGap: 16 }) {
  const reader = new DeviceReader({ spans, limits });
  return async (now: number, behaves: Behaviour): Promise<Told> => {
    const told: Told = { asked: [], took: [], missed: [], failure: undefined };
    const failure = await reader
      .round(now, {
        signal: new AbortController().signal,
        ask: async (span) => {
          told.asked.push(spanName(span));
          const error = behaves(span);
          if (error !== undefined) throw error;
          return Buffer.alloc(2 * span.count);
        },
        took: (span) => told.took.push(span.address),
        missed: (span, why) => told.missed.push([span.address, qualityName(why.quality)]),
      })
      .then(
        () => undefined,
        (error: SourceError) => error,
      );
    return { ...told, failure };
  };
}

const holding = (address: number, count = 2): Span => ({ table: "holding", address, count });
const row = (from: number, n: number): Span[] => Array.from({ length: n }, (_, index) => holding(from + 2 * index));
const fine: Behaviour = () => undefined;

/** Refuses every request that touches one of these registers. */
function without(...registers: number[]): Behaviour {
  return ({ address, count }) =>
    registers.some((register) => register >= address && register < address + count) ? new ExceptionReply(2) : undefined;
}

describe("a round", () => {
  it("reads everything in as few requests as it can", async () => {
    const told = await rig(row(0, 8))(0, fine);
    expect(told).toEqual({ asked: ["holding 0+16"], took: [0, 2, 4, 6, 8, 10, 12, 14], missed: [], failure: undefined });
  });

  it("finds the one register that a device refuses, and leaves it out from then on", async () => {
    const round = rig(row(0, 8));
    const first = await round(0, without(5));
    expect(first.took.sort((a, b) => a - b)).toEqual([0, 2, 6, 8, 10, 12, 14]);
    expect(first.missed).toEqual([[4, "BadNotFound"]]);
    expect(first.failure).toBeUndefined();
    expect(first.asked.length).toBeLessThanOrEqual(7);

    const second = await round(1000, without(5));
    expect(second.asked).toEqual(["holding 0+4", "holding 6+10"]);
    expect(second.missed).toEqual([[4, "BadNotFound"]]);
  });

  it("asks again for what was refused when the memory has expired", async () => {
    const round = rig(row(0, 8));
    await round(0, without(5));
    expect((await round(refusalExpiryMs - 1, fine)).took).not.toContain(4);
    const after = await round(refusalExpiryMs, fine);
    expect(after.asked).toEqual(["holding 0+16"]);
    expect(after.took).toContain(4);
  });

  it("learns which hole a device does not let it read along", async () => {
    const round = rig([...row(0, 3), ...row(10, 3)]);
    expect((await round(0, without(7))).took.length).toBe(6);
    expect((await round(1, without(7))).asked).toEqual(["holding 0+6", "holding 10+6"]);
  });

  it("finds a coil that is refused, and gives the others their own bits", async () => {
    const coils = Array.from({ length: 20 }, (_, address): Span => ({ table: "coil", address, count: 1 }));
    const round = rig(coils);
    expect((await round(0, without(13))).missed).toEqual([[13, "BadNotFound"]]);
    const second = await round(1, without(13));
    expect(second.asked).toEqual(["coil 0+13", "coil 14+6"]);
    expect(second.took.length).toBe(19);
  });

  it("learns how long a request a device bears", async () => {
    const round = rig(row(0, 16));
    const short: Behaviour = ({ count }) => (count > 8 ? new ExceptionReply(3) : undefined);
    expect((await round(0, short)).took.length).toBe(16);
    const second = await round(1, short);
    expect(second.took.length).toBe(16);
    expect(second.missed).toEqual([]);
    expect(second.asked.length).toBeLessThanOrEqual(5);
  });

  it.each([
    [1, "BadNotSupported"],
    [4, "BadDeviceFailure"],
    [6, "BadResourceUnavailable"],
  ])("gives the registers of a request that gets exception %d their quality, without asking more", async (code, quality) => {
    const round = rig([...row(0, 2), { table: "input", address: 0, count: 2 }]);
    const told = await round(0, ({ table }) => (table === "input" ? new ExceptionReply(code) : undefined));
    expect(told.asked).toEqual(["holding 0+4", "input 0+2"]);
    expect(told.took).toEqual([0, 2]);
    expect(told.missed).toEqual([[0, quality]]);
  });

  it("fails with the device's own word when all of it is refused, and then asks for one value only", async () => {
    const round = rig(row(0, 4));
    const refuse: Behaviour = () => new ExceptionReply(2, "holding: ");
    const first = await round(0, refuse);
    expect(first.failure?.message).toBe("holding: exception 2 (illegal data address)");
    expect(first.missed).toEqual([]);
    expect((await round(1, refuse)).asked).toEqual(["holding 0+2"]);
    // The device is itself again: one value tells, the next round has all.
    expect((await round(2, fine)).took).toEqual([0]);
    expect((await round(3, fine)).asked).toEqual(["holding 0+8"]);
  });

  it("asks a unit that its gateway does not reach for nothing more", async () => {
    const told = await rig([...row(0, 2), ...row(100, 2)])(0, () => new ExceptionReply(11));
    expect(told.asked).toEqual(["holding 0+4"]);
    expect(told.failure?.fault).toBe("disconnected");
    expect(qualityName(told.failure?.quality ?? 0)).toBe("BadNoCommunication");
  });

  it("asks a silent device once, and tells nothing of single values", async () => {
    const told = await rig([...row(0, 2), ...row(100, 2)])(0, () => new SourceError("timeout", "timed out"));
    expect(told.asked).toEqual(["holding 0+4"]);
    expect(told.missed).toEqual([]);
    expect(told.failure?.fault).toBe("timeout");
  });

  it("lets a block that is met with silence cost no other block its values", async () => {
    const round = rig([...row(0, 1), ...row(100, 1), ...row(200, 1)]);
    const silentAt100: Behaviour = ({ address }) => (address === 100 ? new SourceError("timeout", "timed out") : undefined);
    const first = await round(0, silentAt100);
    expect(first).toMatchObject({ took: [0], failure: undefined });
    expect(first.missed).toEqual([
      [100, "BadTimeout"],
      [200, "BadTimeout"],
    ]);
    // From then on it is asked last,
    const second = await round(1000, silentAt100);
    expect(second.asked).toEqual(["holding 0+2", "holding 200+2", "holding 100+2"]);
    expect(second.missed).toEqual([[100, "BadTimeout"]]);
    // then once a minute,
    const third = await round(2000, silentAt100);
    expect(third.asked).toEqual(["holding 0+2", "holding 200+2"]);
    expect(third.missed).toEqual([[100, "BadTimeout"]]);
    expect((await round(1000 + restMs, silentAt100)).asked.at(-1)).toBe("holding 100+2");
    // and when it answers, it is one of all again.
    expect((await round(1000 + 2 * restMs, fine)).took).toEqual([0, 200, 100]);
    expect((await round(1001 + 2 * restMs, fine)).asked).toEqual(["holding 0+2", "holding 100+2", "holding 200+2"]);
  });

  it("keeps what a device said before it fell silent in the middle of a bisection", async () => {
    let answers = 0;
    const told = await rig(row(0, 8))(0, ({ count }) => {
      if (count > 8) return new ExceptionReply(2);
      return answers++ === 0 ? undefined : new SourceError("disconnected", "gone");
    });
    expect(told.took).toEqual([0, 2, 4, 6]);
    expect(told.missed).toEqual([8, 10, 12, 14].map((address) => [address, "BadNoCommunication"]));
  });
});
