import { afterEach, describe, expect, it } from "vitest";
import { createModbusAdapter } from "../../../../../adapters/sources/modbus/source.ts";
import { modbusConfig } from "../../../../../config/assets.ts";
import { systemClock } from "../../../../../core/clock.ts";
import { silentLog } from "../../../../../core/log.ts";
import type { DeviceLimits } from "../../../../../core/reading.ts";
import { startModbusServer } from "../../../../peers/modbus.ts";
import { type ModelImage, sunspecRegisters } from "../../../../peers/sunspec.ts";
import { RecordingSink } from "../../contract.ts";

const clock = systemClock();
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What a device with these models gives, one round for each of them; the sink after the last. */
async function rounds(...all: readonly (readonly ModelImage[])[]): Promise<RecordingSink> {
  const unit = { holding: new Map<number, number>() };
  const server = await startModbusServer(new Map([[1, unit]]));
  cleanups.push(server.stop);
  const adapter = createModbusAdapter({ log: silentLog, clock });
  cleanups.push(() => adapter.close());
  const sink = new RecordingSink();
  const config = modbusConfig.parse({ tcp: `127.0.0.1:${server.port}`, profile: "sunspec" });
  const source = adapter.source(config, { asset: "pv-1", everyMs: config.every, sink, clock, log: silentLog });
  if (source.mode !== "poll") throw new Error("a Modbus source is polled");
  for (const models of all) {
    unit.holding = sunspecRegisters({ models: [{ id: 1 }, ...models] });
    await source.poll(AbortSignal.timeout(10_000));
  }
  return sink;
}

const limitsOf = (sink: RecordingSink, metric: string, labels: Record<string, string> = {}): DeviceLimits | undefined =>
  sink.descriptions.find((series) => series.metric === metric && JSON.stringify(series.labels) === JSON.stringify(labels))?.limits;

const inverter: ModelImage = { id: 103, points: { W: 945, W_SF: 1, A: 137, A_SF: -1, PhVphA: 2301, PPVphAB: 3995, V_SF: -1 } };
const settings = (points: ModelImage["points"]): ModelImage => ({ id: 121, points: { WMax_SF: 0, VRef_SF: 0, VMinMax_SF: 0, ...points } });
const battery = (points: ModelImage["points"]): ModelImage => ({
  id: 802,
  points: { SoC: 5500, SoC_SF: -2, V: 480, V_SF: -1, A: -120, A_SF: -1, AMax_SF: 0, W: -600, W_SF: 0, WChaDisChaMax_SF: 2, ...points },
});

describe("limits that a SunSpec device has for its own values", () => {
  it.each<{
    what: string;
    models: readonly ModelImage[];
    metric: string;
    labels?: Record<string, string>;
    limits: DeviceLimits | undefined;
  }>([
    {
      what: "the setting of an inverter, and its nameplate",
      models: [inverter, { id: 120, points: { WRtg: 105, WRtg_SF: 2 } }, settings({ WMax: 10_000 })],
      metric: "active_power_watts",
      limits: { highWarning: 10_000, highCritical: 10_500 },
    },
    {
      what: "neither, where the device leaves both open",
      models: [inverter, { id: 120 }, settings({})],
      metric: "active_power_watts",
      limits: undefined,
    },
    {
      what: "none, where the setting is 0: nobody set it",
      models: [inverter, settings({ WMax: 0 })],
      metric: "active_power_watts",
      limits: undefined,
    },
    {
      what: "of one whose reference is between lines, the voltages between lines",
      models: [inverter, settings({ VRef: 400, VMax: 440, VMin: 360 })],
      metric: "voltage_volts",
      labels: { phase: "l1-l2" },
      limits: { lowWarning: 360, highWarning: 440 },
    },
    {
      what: "and not those to neutral",
      models: [inverter, settings({ VRef: 400, VMax: 440, VMin: 360 })],
      metric: "voltage_volts",
      labels: { phase: "l1" },
      limits: undefined,
    },
    {
      what: "of one whose reference is to neutral, those",
      models: [inverter, settings({ VRef: 230, VMax: 253, VMin: 207 })],
      metric: "voltage_volts",
      labels: { phase: "l1" },
      limits: { lowWarning: 207, highWarning: 253 },
    },
    {
      what: "a lower limit that is not below the upper one: neither is believed",
      models: [inverter, settings({ VRef: 400, VMax: 360, VMin: 440 })],
      metric: "voltage_volts",
      labels: { phase: "l1-l2" },
      limits: undefined,
    },
    {
      what: "model 702's ratings and settings for model 701's values",
      models: [
        { id: 701, points: { A: 90, A_SF: -1, Var: 10, Var_SF: 0 } },
        { id: 702, points: { AMaxRtg: 160, AMax: 145, A_SF: -1, VarMaxInjRtg: 500, VarMaxAbsRtg: 400, Var_SF: 1 } },
      ],
      metric: "current_amperes",
      limits: { highWarning: 14.5, highCritical: 16 },
    },
    {
      what: "a magnitude in both directions, the larger of the two",
      models: [
        { id: 701, points: { Var: 10, Var_SF: 0 } },
        { id: 702, points: { VarMaxInjRtg: 500, VarMaxAbsRtg: 400, Var_SF: 1 } },
      ],
      metric: "reactive_power_vars",
      limits: { lowCritical: -5000, highCritical: 5000 },
    },
    {
      what: "a battery's charge: what its maker allows, and what was reserved",
      models: [battery({ SoCMax: 9500, SoCMin: 500, SocRsvMax: 9000, SoCRsvMin: 2000 })],
      metric: "battery_charge_ratio",
      limits: { lowCritical: 0.05, lowWarning: 0.2, highWarning: 0.9, highCritical: 0.95 },
    },
    {
      what: "a battery's voltage",
      models: [battery({ VMax: 540, VMin: 420 })],
      metric: "battery_voltage_volts",
      limits: { lowCritical: 42, highCritical: 54 },
    },
    {
      what: "a battery's current, whichever sign is charging",
      models: [battery({ AChaMax: 50, ADisChaMax: 80 })],
      metric: "battery_current_amperes",
      limits: { lowCritical: -80, highCritical: 80 },
    },
    {
      what: "of two batteries each its own",
      models: [battery({ SoCMin: 500 }), battery({ SoCMin: 1000 })],
      metric: "battery_charge_ratio",
      labels: { model: "802-2" },
      limits: { lowCritical: 0.1 },
    },
    {
      what: "a string combiner's total, and not its strings",
      models: [{ id: 403, points: { DCAMax: 200, DCA: 150, DCA_SF: -1, count: 1 }, blocks: [{ InDCA: 150 }] }],
      metric: "dc_current_amperes",
      limits: { highCritical: 20 },
    },
    {
      what: "the active one of an inverter's low-voltage curves, of its reference",
      models: [
        inverter,
        settings({ VRef: 400 }),
        // The second curve, of two points: 88 % and 50 %.
        { id: 129, length: 110, points: { V_SF: -1 }, raw: { 2: 2, 3: 1, 62: 2, 64: 880, 66: 500 } },
      ],
      metric: "voltage_volts",
      labels: { phase: "l1-l2" },
      limits: { lowWarning: 352, lowCritical: 200 },
    },
    {
      what: "none of a curve that is not enabled",
      models: [inverter, settings({ VRef: 400 }), { id: 129, length: 60, points: { V_SF: -1 }, raw: { 2: 1, 3: 0, 12: 1, 14: 880 } }],
      metric: "voltage_volts",
      labels: { phase: "l1-l2" },
      limits: undefined,
    },
    {
      what: "the trip curves of model 709 and 710, in hertz",
      models: [
        { id: 701, points: { Hz: 50_010, Hz_SF: -3 } },
        { id: 709, length: 19, points: { Hz_SF: -2 }, raw: { 2: 1, 10: 2, 12: 4750, 16: 4650 } },
        { id: 710, length: 19, points: { Hz_SF: -2 }, raw: { 2: 1, 10: 1, 12: 5150 } },
      ],
      metric: "frequency_hertz",
      limits: { lowCritical: 46.5, lowWarning: 47.5, highWarning: 51.5 },
    },
    {
      what: "those of another device behind the same unit are not its own",
      models: [inverter, { id: 1 }, settings({ WMax: 10_000 })],
      metric: "active_power_watts",
      limits: undefined,
    },
  ])("$what", async ({ models, metric, labels, limits }) => {
    expect(limitsOf(await rounds(models), metric, labels)).toEqual(limits);
  });

  it("a limit that changes while the device runs counts from the next round on", async () => {
    const sink = await rounds([inverter, settings({ WMax: 10_000 })], [inverter, settings({ WMax: 6000 })]);
    expect(limitsOf(sink, "active_power_watts")).toEqual({ highWarning: 6000 });
  });

  it("a voltage keeps its limits when it leaves them, however far", async () => {
    const limits = settings({ VRef: 400, VMax: 440, VMin: 360 });
    const sagging: ModelImage = { id: 103, points: { ...inverter.points, PPVphAB: 1000 } };
    const sink = await rounds([inverter, limits], [sagging, limits]);
    expect(sink.latest("voltage_volts", { phase: "l1-l2" })?.value).toBe(100);
    expect(limitsOf(sink, "voltage_volts", { phase: "l1-l2" })).toEqual({ lowWarning: 360, highWarning: 440 });
  });

  it("another curve that is made the active one counts from the next round on", async () => {
    const curves = (active: number): ModelImage => ({
      id: 135,
      length: 110,
      points: { Hz_SF: -1 },
      raw: { 2: active, 3: 1, 12: 1, 14: 475, 62: 1, 64: 470 },
    });
    const measured: ModelImage = { id: 103, points: { Hz: 5001, Hz_SF: -2 } };
    const first = await rounds([measured, curves(1)]);
    expect(limitsOf(first, "frequency_hertz")).toEqual({ lowWarning: 47.5 });
    expect(limitsOf(await rounds([measured, curves(1)], [measured, curves(2)]), "frequency_hertz")).toEqual({ lowWarning: 47 });
  });
});
