import { afterEach, describe, expect, it } from "vitest";
import { createModbusAdapter } from "../../../../../adapters/sources/modbus/source.ts";
import { mostModels } from "../../../../../adapters/sources/modbus/sunspec/chain.ts";
import { mostSeries } from "../../../../../adapters/sources/modbus/sunspec/layout.ts";
import { modbusConfig } from "../../../../../config/assets.ts";
import { systemClock } from "../../../../../core/clock.ts";
import { SourceError } from "../../../../../core/errors.ts";
import { silentLog } from "../../../../../core/log.ts";
import { qualityName } from "../../../../../core/quality.ts";
import type { PolledSource } from "../../../../../core/source.ts";
import { startModbusServer, type UnitRegisters } from "../../../../peers/modbus.ts";
import { freePort } from "../../../../peers/port.ts";
import { type DeviceImage, type ModelImage, sunspecRegisters } from "../../../../peers/sunspec.ts";
import { RecordingSink, sourceContract } from "../../contract.ts";

const clock = systemClock();
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const common: ModelImage = { id: 1, facts: { manufacturer: "Acme", model: "X-10", firmware_version: "1.2.3", serial_number: "S-77" } };
const inverter: ModelImage = {
  id: 103,
  points: {
    ...{ A: 412, AphA: 137, A_SF: -1, PhVphA: 2301, PhVphB: 2310, PPVphAB: 3995, V_SF: -1, W: 945, W_SF: 1, Hz: 5001, Hz_SF: -2 },
    ...{ PF: -9990, PF_SF: -2, WH: 123_456, WH_SF: 2, TmpCab: 415, Tmp_SF: -1, St: 4, Evt1: 0x80, EvtVnd1: 5 },
  },
};
const settings: ModelImage = {
  id: 121,
  points: { WMax: 10_000, WMax_SF: 0, VRef: 400, VRef_SF: 0, VMax: 440, VMin: 360, VMinMax_SF: 0 },
};

interface Subject {
  readonly source: PolledSource;
  readonly sink: RecordingSink;
  /** The unit's registers, which a test may change. */
  readonly unit: { holding: Map<number, number> };
  readonly asked: readonly { readonly table: string; readonly address: number; readonly count: number }[];
}

async function device(
  image: DeviceImage,
  { config = {}, ...limits }: Omit<UnitRegisters, "holding"> & { config?: object } = {},
): Promise<Subject> {
  const unit = { holding: sunspecRegisters(image), ...limits };
  const server = await startModbusServer(new Map([[1, unit]]));
  cleanups.push(server.stop);
  const adapter = createModbusAdapter({ log: silentLog, clock });
  cleanups.push(() => adapter.close());
  const sink = new RecordingSink();
  const parsed = modbusConfig.parse({ tcp: `127.0.0.1:${server.port}`, profile: "sunspec", timeout: "500ms", ...config });
  const source = adapter.source(parsed, { asset: "pv-1", everyMs: parsed.every, sink, clock, log: silentLog });
  if (source.mode !== "poll") throw new Error("a Modbus source is polled");
  return { source, sink, unit, asked: server.asked };
}

const soon = (): AbortSignal => AbortSignal.timeout(10_000);

/** One round of a device that answers. */
async function read(image: DeviceImage, options?: Parameters<typeof device>[1]): Promise<Subject> {
  const subject = await device(image, options);
  await subject.source.poll(soon());
  return subject;
}

const shown = (sink: RecordingSink, metric: string, labels: Record<string, string> = {}) => {
  const put = sink.puts.findLast(({ series }) => series.metric === metric && JSON.stringify(series.labels) === JSON.stringify(labels));
  return put && [put.value, put.series.unit, qualityName(put.quality), put.series.origin];
};

sourceContract("SunSpec", {
  asset: "pv-1",
  async living(sink) {
    const server = await startModbusServer(new Map([[1, { holding: sunspecRegisters({ models: [common, inverter, settings] }) }]]));
    const adapter = createModbusAdapter({ log: silentLog, clock });
    const config = modbusConfig.parse({ tcp: `127.0.0.1:${server.port}`, profile: "sunspec" });
    const source = adapter.source(config, { asset: "pv-1", everyMs: 30_000, sink, clock, log: silentLog });
    return { source, stop: () => adapter.close().then(server.stop) };
  },
  async dead(sink) {
    const adapter = createModbusAdapter({ log: silentLog, clock });
    const config = modbusConfig.parse({ tcp: `127.0.0.1:${await freePort()}`, profile: "sunspec" });
    const source = adapter.source(config, { asset: "pv-1", everyMs: 30_000, sink, clock, log: silentLog });
    return { source, stop: () => adapter.close() };
  },
});

describe("a device that speaks SunSpec", () => {
  it.each([40_000, 50_000, 0])("is found at %d, and says itself what it has", async (base) => {
    const { sink } = await read({ base, models: [common, inverter] });
    expect(shown(sink, "active_power_watts")).toEqual([9450, "W", "Good", "sunspec:103.W"]);
    expect(shown(sink, "current_amperes", { phase: "l1" })).toEqual([13.7, "A", "Good", "sunspec:103.AphA"]);
    expect(shown(sink, "voltage_volts", { phase: "l1-l2" })).toEqual([399.5, "V", "Good", "sunspec:103.PPVphAB"]);
    expect(shown(sink, "frequency_hertz")?.[0]).toBe(50.01);
    expect(shown(sink, "power_factor_ratio")?.[0]).toBe(-0.999);
    expect(shown(sink, "active_energy_joules_total")?.[0]).toBe(123_456 * 100 * 3600);
    expect(shown(sink, "temperature_celsius", { sensor: "cabinet" })).toEqual([41.5, "Cel", "Good", "sunspec:103.TmpCab"]);
    expect(shown(sink, "inverter_state")).toEqual([4, "", "Good", "sunspec:103.St"]);
    expect(shown(sink, "inverter_vendor_event_code", { register: "1" })?.[0]).toBe(5);
    expect(sink.latest("inverter_state")?.series).toMatchObject({
      kind: "state",
      states: { 4: "mppt", 7: "fault" },
      meanings: { 7: "critical" },
    });
    expect(sink.facts).toEqual({
      manufacturer: "Acme",
      model: "X-10",
      firmware_version: "1.2.3",
      serial_number: "S-77",
      sunspec_base: `${base}`,
      sunspec_models: "1 Common, 103 Inverter (Three Phase)",
    });
    expect(sink.malformations).toEqual([]);
  });

  it("each bit of a bit field is a series of its own, with what it means", async () => {
    const { sink } = await read({ models: [common, inverter] });
    const events = sink.puts.filter(({ series }) => series.metric === "inverter_event_active");
    expect(events.length).toBe(16);
    expect(events.filter(({ value }) => value === 1).map(({ series }) => series)).toEqual([
      expect.objectContaining({
        labels: { event: "over_temp" },
        origin: "sunspec:103.Evt1.over_temp",
        states: { 0: "clear", 1: "active" },
        meanings: { 1: "major" },
      }),
    ]);
  });

  it("has no series for what it does not implement, and no unit of it either", async () => {
    const { sink } = await read({ models: [common, { id: 103, points: { W: 1, W_SF: 0, VA: 7 } }] });
    // VA has a value, and no scale that would say how much it is.
    expect(sink.descriptions.map(({ metric }) => metric)).toEqual(["active_power_watts"]);
  });

  it("what it stops to have goes Bad, and so does an accumulator at 0: inverters say 0 at dawn, and then go on from where they were", async () => {
    const { source, sink, unit } = await read({ models: [common, inverter] });
    const night = { id: 103, points: { W: 0, W_SF: 1, WH_SF: 2, St: 2 } };
    unit.holding = sunspecRegisters({ models: [common, night] });
    await source.poll(soon());
    expect(shown(sink, "active_power_watts")?.slice(0, 3)).toEqual([0, "W", "Good"]);
    expect(shown(sink, "frequency_hertz")?.slice(0, 3)).toEqual([Number.NaN, "Hz", "BadNotSupported"]);
    expect(shown(sink, "active_energy_joules_total")?.slice(0, 3)).toEqual([Number.NaN, "J", "BadNotSupported"]);
    unit.holding = sunspecRegisters({ models: [common, inverter] });
    await source.poll(soon());
    expect(shown(sink, "active_energy_joules_total")?.slice(0, 3)).toEqual([123_456 * 100 * 3600, "J", "Good"]);
  });

  it("a scale that changes while it runs counts at once", async () => {
    const { source, sink, unit } = await read({ models: [common, inverter] });
    unit.holding = sunspecRegisters({ models: [common, { ...inverter, points: { ...inverter.points, W: 9450, W_SF: 0 } }] });
    await source.poll(soon());
    expect(sink.puts.filter(({ series }) => series.metric === "active_power_watts").map(({ value }) => value)).toEqual([9450, 9450]);
  });

  it("a scale that no device can mean makes its values Bad", async () => {
    const { sink } = await read({ models: [common, { id: 103, points: { W: 7, W_SF: 300, St: 4 } }] });
    expect(shown(sink, "active_power_watts")?.slice(0, 3)).toEqual([Number.NaN, "W", "BadOutOfRange"]);
  });

  it("a model and its scales are one answer, each round", async () => {
    const meter: ModelImage = { id: 203, points: { W: -120, W_SF: 0 } };
    const { source, asked } = await read({ models: [common, inverter, meter] });
    const before = asked.length;
    await source.poll(soon());
    // 66+2 and 50+2 registers fit together, the meter's 107 do not.
    expect(asked.slice(before).map(({ address }) => address)).toEqual([40_002, 40_122]);
    expect(asked.every(({ table }) => table === "holding")).toBe(true);
  });

  it("blocks that repeat are told apart by a label", async () => {
    const mppt: ModelImage = {
      id: 160,
      points: { DCA_SF: -2, DCV_SF: 0, DCW_SF: 0, count: 2 },
      blocks: [
        { DCA: 512, DCV: 600, DCW: 3072, DCSt: 4 },
        { DCA: 498, DCV: 610, DCW: 3037, DCSt: 7 },
      ],
    };
    const { sink } = await read({ models: [common, inverter, mppt] });
    expect(shown(sink, "dc_current_amperes", { module: "1" })).toEqual([5.12, "A", "Good", "sunspec:160.module[1].DCA"]);
    expect(shown(sink, "dc_current_amperes", { module: "2" })?.[0]).toBe(4.98);
    expect(shown(sink, "dc_input_state", { module: "2" })?.[0]).toBe(7);
  });

  it("a meter behind an inverter's unit keeps its values apart", async () => {
    const meter: ModelImage = { id: 203, points: { W: -120, W_SF: 0 } };
    const other = { ...common, facts: { ...common.facts, serial_number: "M-1" } };
    const { sink } = await read({ models: [common, inverter, other, meter, meter] });
    expect(shown(sink, "active_power_watts")?.[0]).toBe(9450);
    expect(shown(sink, "active_power_watts", { model: "203" })).toEqual([-120, "W", "Good", "sunspec:203.W"]);
    expect(shown(sink, "active_power_watts", { model: "203-2" })?.[3]).toBe("sunspec:203-2.W");
    expect(sink.facts).toMatchObject({ serial_number: "S-77", serial_number_2: "M-1" });
  });

  it("what the config adds is read beside the models, and fails by itself", async () => {
    const metrics = [{ metric: "relay", register: 90, type: "uint16" }];
    const inventory = [{ name: "site", register: 95, length: 2 }];
    const { source, sink, unit } = await device({ models: [common, inverter] }, { config: { metrics, inventory } });
    for (const [at, value] of [
      [90, 3],
      [95, 0x4142],
      [96, 0],
    ] as const)
      unit.holding.set(at, value);
    await source.poll(soon());
    expect(shown(sink, "relay")).toEqual([3, "", "Good", "holding:90"].map((one) => (one === "" ? "1" : one)));
    expect(sink.facts).toMatchObject({ site: "AB", serial_number: "S-77" });
    unit.holding.delete(90);
    await source.poll(soon());
    expect(shown(sink, "relay")?.[2]).toBe("BadNotFound");
    expect(shown(sink, "active_power_watts")?.[2]).toBe("Good");
  });

  it("another device in its place is noticed before its registers are taken for the old one's", async () => {
    const { source, sink, unit } = await read({ models: [common, inverter] });
    unit.holding = sunspecRegisters({ models: [common, { id: 203, points: { W: 55, W_SF: 0 } }] });
    await source.poll(soon());
    expect(shown(sink, "active_power_watts")).toEqual([55, "W", "Good", "sunspec:203.W"]);
    expect(shown(sink, "inverter_state")?.slice(0, 3)).toEqual([Number.NaN, "", "BadNotFound"]);
    expect(sink.facts["sunspec_models"]).toContain("203");
  });

  it("a device that answers few registers at once, or refuses one, gives the others", async () => {
    const { source, sink, unit } = await device({ models: [common, inverter] }, { maxRegisters: 20 });
    await source.poll(soon());
    expect(shown(sink, "active_power_watts")?.[0]).toBe(9450);
    unit.holding.delete(40_070 + 16);
    await source.poll(soon());
    expect(shown(sink, "frequency_hertz")?.[2]).toBe("BadNotFound");
    expect(shown(sink, "active_power_watts")?.[2]).toBe("Good");
  });
});

describe("a chain that is not what it should be", () => {
  it.each<{ what: string; image: DeviceImage; fault: string; still?: boolean }>([
    {
      what: "models that nobody has published are skipped and named",
      image: { models: [common, { id: 64_999, length: 7 }, inverter] },
      fault: "",
    },
    { what: "no end model", image: { models: [common, inverter], end: [] }, fault: "no end model: registers are refused at 40122" },
    { what: "zeros instead of one", image: { models: [common, inverter], end: [0, 0] }, fault: "no end model: model number 0 at 40122" },
    {
      what: "a length past the last register",
      image: { models: [common, inverter], end: [64_998, 30_000] },
      fault: "model 64998 at 40122: bad length 30000, past register 65535",
    },
    {
      what: "a model shorter than its definition: what is past its end is not read",
      image: { models: [common, { ...inverter, length: 36 }] },
      fault: "model 103 at 40070: bad length 36, its definition has 50",
    },
    {
      what: "a model longer than its definition",
      image: { models: [common, { ...inverter, length: 58 }] },
      fault: "model 103 at 40070: length 58 is longer than its definition, 50: the rest is not known",
    },
    {
      what: "blocks that the model has no room for",
      image: { models: [common, inverter, { id: 714, points: { count: 9, DCW_SF: 0 }, blocks: [{ DCW: 5 }] }] },
      fault: "model 714 at 40122: says 9 of its ports, has room for 1",
    },
    {
      what: "half a block",
      image: { models: [common, inverter, { id: 302, blocks: [{ GHI: 800 }], length: 8 }] },
      fault: "model 302 at 40122: bad length 8, its sensors have 5 registers each",
    },
    {
      what: "a chain that goes round and round, as far as anybody can see",
      image: { models: [common, inverter], end: Array.from({ length: 4 * mostModels }, (_, at) => (at % 2 === 0 ? 64_998 : 0)) },
      fault: `no end model among the first ${mostModels}`,
    },
  ])("$what", async ({ image, fault }) => {
    const { sink, asked } = await read(image);
    expect(shown(sink, "active_power_watts")?.slice(0, 3)).toEqual([9450, "W", "Good"]);
    expect(sink.facts["sunspec_faults"] ?? "").toBe(fault);
    expect(sink.malformations).toEqual(fault === "" ? [] : [`SunSpec: ${fault}`]);
    expect(Math.max(...asked.map(({ address, count }) => address + count))).toBeLessThanOrEqual(65_536);
  });

  it("names what it skips", async () => {
    const { sink } = await read({ models: [common, { id: 64_999, length: 7 }, { id: 126, length: 64 }] });
    expect(sink.facts["sunspec_models"]).toBe("1 Common, 64999 (not published), 126 Static Volt-VAR");
  });

  it("a device of ten thousand cells is bounded", async () => {
    const cells = Array.from({ length: 5000 }, () => ({ CellV: 3300, CellTmp: 250 }));
    const { sink } = await device({ base: 0, models: [common, { id: 805, points: { CellV_SF: -3, Tmp_SF: -1 }, blocks: cells }] }).then(
      async (subject) => {
        await subject.source.poll(AbortSignal.timeout(30_000));
        return subject;
      },
    );
    expect(sink.descriptions.length).toBeLessThanOrEqual(mostSeries + 1);
    expect(sink.facts["sunspec_faults"]).toBe(`more than ${mostSeries} values: the rest is not read`);
  });

  it("a unit without the marker says so, and whom it asked", async () => {
    const { source } = await device({ models: [] });
    const other = await device({ models: [common] });
    other.unit.holding = new Map([
      [40_000, 1],
      [40_001, 2],
    ]);
    const error: unknown = await other.source.poll(soon()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    expect((error as SourceError).message).toBe(`pv-1 (${other.source.target}): no SunSpec marker at holding 40000, 50000, 0`);
    // A marker and nothing behind it is a device that has nothing, not one that is silent.
    await expect(source.poll(soon())).rejects.toThrow("there is nothing to read");
  });

  it("a device that is silent at one base is asked at the next one", async () => {
    const subject = await device({ base: 50_000, models: [common, inverter] }, { silentAt: [40_000], config: { timeout: "100ms" } });
    await expect(subject.source.poll(soon())).rejects.toThrow("timed out");
    await subject.source.poll(soon());
    expect(shown(subject.sink, "active_power_watts")?.[0]).toBe(9450);
  });

  it("a chain that ends in silence is taken as it is, the third time", async () => {
    const image = { models: [common, inverter], end: [] };
    const subject = await device(image, { silentAt: [40_122], config: { timeout: "100ms" } });
    for (let round = 0; round < 2; round++) await expect(subject.source.poll(soon())).rejects.toThrow("timed out");
    await subject.source.poll(soon());
    expect(shown(subject.sink, "active_power_watts")?.[0]).toBe(9450);
    expect(subject.sink.facts["sunspec_faults"]).toBe("no end model: silence at 40122");
  });
});
