import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planReads, spanName } from "../../../../adapters/sources/modbus/plan.ts";
import { compileDevice, type DeviceMetric } from "../../../../adapters/sources/modbus/profile.ts";
import { modbusConfig } from "../../../../config/assets.ts";
import { modbusFact, modbusMetric, modbusProfile } from "../../../../config/modbus.ts";
import { loadProfile, profileNames } from "../../../../config/profiles.ts";
import { qualityName } from "../../../../core/quality.ts";

const data = new URL("../../../../../shared/data/modbus/", import.meta.url);

function device(more: object) {
  return compileDevice("press-1", modbusConfig.parse({ tcp: "127.0.0.1", ...more }));
}

/** The only metric of a device with one register. */
function metricOf(metric: object): DeviceMetric {
  const found = device({ metrics: [{ metric: "x", register: 0, ...metric }] }).spans[0]?.metrics[0];
  if (found === undefined) throw new Error("no metric");
  return found;
}

function read(metric: object, wire: string): [number, string] {
  const { value, quality } = metricOf(metric).valueOf(Buffer.from(wire, "hex"));
  return [value, qualityName(quality)];
}

describe("a metric's value", () => {
  it.each<[string, object, string, number, string]>([
    ["as it is", { type: "uint16" }, "0898", 2200, "Good"],
    ["scaled by a tenth without a stray digit", { type: "uint16", scale: 0.1 }, "0898", 220, "Good"],
    ["scaled and converted", { type: "int16", scale: 0.1, unit: "kW" }, "ff9c", -10_000, "Good"],
    ["converted to a ratio", { type: "uint16", scale: 0.1, unit: "%" }, "0389", 0.905, "Good"],
    ["with an offset before the unit", { type: "uint16", scale: 0.1, offset: -40, unit: "Cel" }, "0200", 11.2, "Good"],
    ["from degrees Fahrenheit", { type: "int16", unit: "degF" }, "00d4", 100, "Good"],
    ["from mm/s", { type: "float32", unit: "mm/s" }, "40300000", 0.00275, "Good"],
    ["of one bit", { type: "uint16", bit: 3 }, "180d", 1, "Good"],
    ["of a bit that is not set", { type: "uint16", bit: 14 }, "180d", 0, "Good"],
    ["of a state", { type: "uint16", kind: "state", states: { 0: "idle", 4: "fault" } }, "0004", 4, "Good"],
    ["that is not a number", { type: "float32" }, "ffc00000", Number.NaN, "BadNoData"],
    ["that is infinite", { type: "float32" }, "7f800000", Number.NaN, "BadOutOfRange"],
    ["that is absent", { type: "int16", absent: [-32768] }, "8000", Number.NaN, "BadNotSupported"],
    ["that is absent by its bits", { type: "int16", absent: ["0x8000"] }, "8000", Number.NaN, "BadNotSupported"],
    [
      "that is absent in its own order",
      { type: "uint32", order: "CDAB", absent: ["0x0000FFFF"] },
      "ffff0000",
      Number.NaN,
      "BadNotSupported",
    ],
    ["that is absent, 64 bits wide", { type: "uint64", absent: ["0xFFFFFFFFFFFFFFFF"] }, "f".repeat(16), Number.NaN, "BadNotSupported"],
    ["that is one less than absent", { type: "uint64", absent: ["0xFFFFFFFFFFFFFFFF"] }, `${"f".repeat(15)}e`, 2 ** 64, "Good"],
    ["that is absent as a float", { type: "float32", absent: [9999.9] }, "461c3f9a", Number.NaN, "BadNotSupported"],
    ["below its range", { type: "int16", range: [0, 10] }, "ffff", Number.NaN, "BadOutOfRange"],
    ["above its range in the base unit", { type: "int16", unit: "kW", range: [0, 1000] }, "0002", Number.NaN, "BadOutOfRange"],
    ["at the end of its range", { type: "int16", unit: "kW", range: [0, 2000] }, "0002", 2000, "Good"],
  ])("%s", (_, metric, wire, value, quality) => {
    const [got, gotQuality] = read(metric, wire);
    expect(gotQuality).toBe(quality);
    if (Number.isInteger(value) || Number.isNaN(value)) expect(got).toBe(value);
    else expect(got).toBeCloseTo(value, 12);
  });

  it("keeps 64-bit integers exact until they are scaled", () => {
    // 2^53 + 1 Wh in kWh: the nearest double, not the nearest of the nearest.
    expect(read({ type: "uint64", scale: 0.001 }, "0020000000000001")[0]).toBe(9007199254740.992);
    expect(read({ type: "uint64", absent: ["0x0020000000000001"] }, "0020000000000000")).toEqual([2 ** 53, "Good"]);
  });
});

describe("a device's map", () => {
  it("describes its series", () => {
    const states = { 0: "idle", 1: "running" };
    const series = device({
      every: "2s",
      metrics: [
        { metric: "machine_state", register: 5, type: "uint16", kind: "state", states },
        { metric: "pressure_pascals", labels: { line: 3 }, function: "input", register: 100, type: "float32", unit: "bar" },
        { metric: "door_open", register: 5, type: "uint16", bit: 2, kind: "state" },
      ],
    }).spans.flatMap((span) => span.metrics.map((metric) => metric.description));
    const every = { asset: "press-1", everyMs: 2000 };
    expect(series).toEqual([
      { ...every, metric: "machine_state", labels: {}, unit: "", kind: "state", origin: "holding:5", states },
      { ...every, metric: "door_open", labels: {}, unit: "", kind: "state", origin: "holding:5.2" },
      { ...every, metric: "pressure_pascals", labels: { line: "3" }, unit: "Pa", kind: "gauge", origin: "input:100" },
    ]);
  });

  it("says which limits the device has, and what its states mean", () => {
    const [state, pressure] = device({
      metrics: [
        { metric: "mode", register: 5, type: "uint16", kind: "state", states: { 0: "off", 3: "fault" }, meanings: { 3: "critical" } },
        { metric: "pressure_pascals", register: 6, type: "uint16", unit: "bar", limits: { low_warning: 5e5, high_critical: 9e5 } },
      ],
    }).spans.flatMap((span) => span.metrics.map((metric) => metric.description));
    expect(state?.meanings).toEqual({ 3: "critical" });
    expect(pressure?.limits).toEqual({ lowWarning: 5e5, highCritical: 9e5 });
  });

  it("describes coils and discrete inputs", () => {
    const map = device({
      every: "2s",
      metrics: [
        { metric: "pump_running", function: "coil", register: 0 },
        { metric: "guard", function: "discrete", register: 5, type: "bit", kind: "state", states: { 0: "open", 1: "closed" } },
      ],
    });
    const series = map.spans.flatMap((span) => span.metrics.map((metric) => metric.description));
    const every = { asset: "press-1", labels: {}, unit: "", everyMs: 2000 };
    expect(series).toEqual([
      { ...every, metric: "pump_running", unit: "1", kind: "gauge", origin: "coil:0" },
      { ...every, metric: "guard", kind: "state", origin: "discrete:5", states: { 0: "open", 1: "closed" } },
    ]);
    expect(map.spans.map(spanName)).toEqual(["coil 0+1", "discrete 5+1"]);
    expect(map.spans[1]?.metrics[0]?.valueOf(Uint8Array.of(1))).toEqual({ value: 1, quality: 0 });
  });

  it("has the asset's texts", () => {
    const metrics = [{ metric: "x", register: 0, type: "uint16" }];
    const facts = device({ metrics, inventory: [{ name: "serial_number", register: 40_052, length: 16 }] }).inventory;
    const fact = { name: "serial_number", function: "holding", register: 40_052, length: 16, order: "ABCD", letters: "both" };
    expect(facts).toEqual([{ table: "holding", address: 40_052, count: 16, facts: [fact] }]);
  });

  it("lets the asset's own metric stand in for the profile's", () => {
    const own = { metric: "motor_current_amperes", function: "input", register: 40, type: "float32", unit: "A" };
    const map = device({ profile: "demo-filler", metrics: [own, { metric: "extra", register: 9, type: "uint16" }] });
    const origins = map.spans.flatMap((span) => span.metrics.map(({ description }) => [description.metric, description.origin]));
    expect(origins.filter(([metric]) => metric === "motor_current_amperes")).toEqual([["motor_current_amperes", "input:40"]]);
    expect(origins.map(([metric]) => metric)).toContain("extra");
    expect(origins.length).toBe(12);
  });

  it("takes the longer pause of profile and asset", () => {
    expect(device({ profile: "abb-b23-b24" }).gapMs).toBe(100);
    expect(device({ profile: "abb-b23-b24", gap: "150ms" }).gapMs).toBe(150);
  });

  it.each<[string, object, string]>([
    ["an unknown profile", { profile: "demo-filer" }, '"demo-filer" is not a known modbus profile'],
    [
      "two metrics that are one series",
      { metrics: [1, 2].map((register) => ({ metric: "x", labels: { a: "b" }, register, type: "int16" })) },
      "press-1: assets.press-1.modbus.metrics[1]: press-1 x{a=b} stands twice",
    ],
    [
      "an absent value that cannot be",
      { metrics: [{ metric: "x", register: 0, type: "int16", absent: [0x8000] }] },
      '32768 can never be read exactly as int16; a bit pattern is a text of 4 digits such as "0xFFFF"',
    ],
    [
      "an absent value that no number can say",
      { metrics: [{ metric: "x", register: 0, type: "uint64", absent: [2 ** 64] }] },
      "can never be read exactly as uint64",
    ],
    [
      "a bit pattern of another width",
      { metrics: [{ metric: "x", register: 0, type: "uint32", absent: ["0xFFFF"] }] },
      "0xFFFF is not 8 hexadecimal digits, which uint32 has",
    ],
    [
      "two texts of one name",
      {
        metrics: [{ metric: "x", register: 0, type: "int16" }],
        inventory: [1, 2].map((register) => ({ name: "firmware", register, length: 2 })),
      },
      "press-1: assets.press-1.modbus.inventory[1]: firmware stands twice",
    ],
  ])("refuses %s", (_, config, message) => {
    expect(() => device(config)).toThrow(message);
  });
});

describe("the schema of a metric", () => {
  it.each<[string, object, string]>([
    ["a register past the last", { register: 65_535, type: "float32" }, "float32 takes 2 registers, past the last one, 65535"],
    ["a bit of a float", { type: "float32", bit: 3 }, "float32 has no bits of its own"],
    ["a bit that is not there", { type: "uint16", bit: 16 }, "uint16 has bits 0 to 15"],
    ["a bit beyond a byte", { type: "uint8l", bit: 8 }, "uint8l has bits 0 to 7"],
    ["states of a gauge", { type: "uint16", states: { 0: "off" } }, "only kind: state has names of states"],
    ["a unit of a state", { type: "uint16", kind: "state", unit: "V" }, "a state has no unit"],
    ["a range turned round", { type: "uint16", range: [5, 1] }, "is [lowest, highest]"],
    ["registers without a type", {}, "is missing, expected one of int16, uint16"],
    ["a register read as bit", { type: "bit" }, "only coil and discrete are bits"],
    ["a coil of another type", { function: "coil", type: "uint16" }, "a coil is a bit: it needs no type"],
    ["a coil that counts", { function: "coil", kind: "counter" }, "a coil is 0 or 1: it counts nothing"],
    ["a scaled coil", { function: "coil", scale: 2 }, "a coil is 0 or 1: it has no scale"],
    ["a discrete input with a unit", { function: "discrete", unit: "V" }, "a discrete input is 0 or 1: it has no unit"],
    ["a discrete input with an order", { function: "discrete", order: "DCBA" }, "a discrete input is 0 or 1: it has no order"],
    ["a coil that may be absent", { function: "coil", absent: [1] }, "a coil is 0 or 1: neither means absent"],
    ["states of a coil that is a gauge", { function: "coil", states: { 0: "off" } }, "only kind: state has names of states"],
    ["an order that is none", { type: "uint32", order: "ABDC" }, "ABCD"],
  ])("refuses %s", (_, metric, message) => {
    const result = modbusMetric.safeParse({ metric: "x", register: 0, ...metric });
    expect(result.success ? "" : result.error.message).toContain(message);
  });
});

describe("the schema of a text", () => {
  it.each<[string, object, string]>([
    ["one past the last register", { register: 65_530, length: 7 }, "ends past the last register, 65535"],
    ["one longer than a request", { length: 126 }, "<=125"],
    ["one of coils", { function: "coil" }, 'one of \\"holding\\"|\\"input\\"'],
    ["a name with blanks", { name: "serial number" }, "a label's name"],
  ])("refuses %s", (_, fact, message) => {
    const result = modbusFact.safeParse({ name: "serial_number", register: 0, length: 8, ...fact });
    expect(result.success ? "" : result.error.message).toContain(message);
  });
});

describe("every profile", () => {
  // What sunspec has is in files of its own: test/config/sunspec.test.ts.
  const names = profileNames("modbus").filter((name) => name !== "sunspec");

  it("is shipped with the ones that the demo and the docs name", () => {
    expect(names).toEqual(expect.arrayContaining(["demo-filler", "eastron-sdm630"]));
  });

  it.each(names)("%s says where it comes from, what is plausible, and is read in few requests", (name) => {
    const profile = loadProfile("modbus", name, modbusProfile);
    expect(profile.profile).toBe(name);
    expect(profile.source.length).toBeGreaterThan(20);
    for (const metric of profile.metrics) {
      if (/^(voltage_volts|frequency_hertz|power_factor_ratio)$/.test(metric.metric)) expect(metric.range).toBeDefined();
      if (metric.kind === "counter") expect(metric.metric).toMatch(/_total$/);
      expect(metric.metric.endsWith("_total")).toBe(metric.kind === "counter");
    }
    const map = device({ profile: name });
    const reads = planReads(map.spans, map.limits);
    expect(reads.length, reads.map(spanName).join(", ")).toBeLessThanOrEqual(6);
  });
});

/** mbmd's names of what a meter measures, and ours. */
const mbmdNames: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
  ...phases("Voltage", "voltage_volts"),
  ...phases("Current", "current_amperes"),
  ...phases("Power", "active_power_watts"),
  ...phases("Cosphi", "power_factor_ratio"),
  ...phases("Import", "active_energy_import_joules_total"),
  ...phases("Export", "active_energy_export_joules_total"),
  Power: ["active_power_watts", {}],
  Cosphi: ["power_factor_ratio", {}],
  Import: ["active_energy_import_joules_total", {}],
  Export: ["active_energy_export_joules_total", {}],
  Frequency: ["frequency_hertz", {}],
};

function phases(theirs: string, ours: string): Record<string, [string, Record<string, string>]> {
  return Object.fromEntries([1, 2, 3].map((phase) => [`${theirs}L${phase}`, [ours, { phase: `l${phase}` }]]));
}

const mbmdFile = new URL("mbmd/rs485-opcodes.json", data);

describe.skipIf(!existsSync(mbmdFile))("the registers of mbmd's meters (needs ../shared/data)", () => {
  const meters = existsSync(mbmdFile) ? JSON.parse(readFileSync(mbmdFile, "utf8")) : {};

  it.each([
    ["eastron-sdm630", "SDM", 15, []],
    ["janitza-umg-float", "JANITZA", 12, []],
    ["schneider-iem3000-pm5000", "IEM3000", 10, []],
    ["abb-b23-b24", "ABB", 20, []],
    ["carlo-gavazzi-em330-em340", "CGEX3X0", 12, []],
    // Facts page, 5: mbmd's 46 cuts through the distortion values that the other sources have at 45 and 47.
    ["siemens-pac3200-pac2200", "PAC2200", 10, ["Frequency"]],
  ])("%s agrees with %s in at least %d", (name, meter, least, wrong: readonly string[]) => {
    const { metrics } = loadProfile("modbus", name, modbusProfile);
    let agreed = 0;
    for (const [opcode, { address }] of Object.entries<{ address: number }>(meters[meter].opcodes)) {
      const ours = mbmdNames[opcode];
      const metric = metrics.find((one) => one.metric === ours?.[0] && JSON.stringify(one.labels) === JSON.stringify(ours?.[1]));
      if (metric === undefined || wrong.includes(opcode)) continue;
      expect(metric.register, opcode).toBe(address);
      agreed++;
    }
    expect(agreed).toBeGreaterThanOrEqual(least);
  });

  const table = new URL("iobroker-modbus-templates/Eastron_SDM630_input-registers.tsv", data);

  it("eastron-sdm630 agrees with ioBroker's table in register, type and unit", () => {
    const rows = readFileSync(table, "utf8")
      .split("\n")
      .slice(1)
      .map((row) => row.split("\t"))
      .filter((row) => row.length > 6);
    const byAddress = new Map(rows.map((row) => [Number(row[0]) - 30_001, row]));
    const { metrics } = loadProfile("modbus", "eastron-sdm630", modbusProfile);
    for (const metric of metrics) {
      const row = byAddress.get(metric.register);
      expect(row?.[5], `input:${metric.register}`).toBe("floatbe");
      expect(metric.type).toBe("float32");
      const unit = (row?.[4] ?? "").toLowerCase().split("/")[0];
      expect([metric.unit.toLowerCase(), metric.unit === "deg" ? "grad" : ""], `unit of input:${metric.register}`).toContain(unit);
    }
  });
});
