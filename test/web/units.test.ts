import { expect, test } from "vitest";
import { unitNames, unitOf } from "../../core/unit.ts";
import { formatNumber, human, metricTitle, scaleOf } from "../../web/units.ts";

test.each<[number, string, string, string]>([
  [86.2, "Cel", "temperature_celsius", "86.2 °C"],
  [-0.04, "Cel", "temperature_celsius", "-0.040 °C"],
  [18_420, "W", "active_power_watts", "18.4 kW"],
  [12, "W", "active_power_watts", "12 W"],
  [2.5e6, "W", "active_power_watts", "2.50 MW"],
  [0, "W", "active_power_watts", "0 W"],
  [712_000, "Pa", "pressure_pascals", "7.12 bar"],
  [5_000, "Pa", "pressure_pascals", "50 mbar"],
  [12, "Pa", "pressure_pascals", "12 Pa"],
  [3.6e6, "J", "energy_joules_total", "1 kWh"],
  [1.284e10, "J", "energy_joules_total", "3567 kWh"],
  [1.284e12, "J", "energy_joules_total", "356.7 MWh"],
  [0.834, "1", "load_ratio", "83.4 %"],
  [0.834, "1", "load_ratio_max", "83.4 %"],
  [1_823_442, "1", "bottles_filled_total", "1\u202f823\u202f442 "],
  [231.4, "V", "voltage_volts", "231.4 V"],
  [0.012, "A", "current_amperes", "12 mA"],
  [0, "A", "current_amperes", "0 A"],
  [8_302_113, "s", "uptime_seconds", "96.1 d"],
  [0.0042, "s", "latency_seconds", "4.20 ms"],
  [2048, "By", "memory_bytes", "2 KiB"],
  [1.25e8, "By/s", "if_speed_bytes_per_second", "1 Gbit/s"],
  [0.0045, "m/s", "vibration_meters_per_second", "4.50 mm/s"],
  [0.5, "m3/s", "flow", "1800 m³/h"],
  [1480, "{rpm}", "speed_rpm", "1480 rpm"],
  [5, "whatever", "m", "5 whatever"],
  [5, "constructor", "m", "5 constructor"],
])("%d %s of %s reads %s", (value, unit, metric, text) => {
  const shown = human(value, unit, metric);
  expect(`${shown.text} ${shown.unit}`).toBe(text);
});

test("every base unit that a profile may name is shown by a scale that gives the value back", () => {
  for (const name of unitNames) {
    const { ucum = "" } = unitOf(name) ?? {};
    for (const value of [1e-3, 1, 1234.5, 9.9e9]) {
      const { factor, offset, unit } = scaleOf(ucum, "m", value);
      expect((value * factor + offset - offset) / factor).toBeCloseTo(value, 6);
      expect(unit).toBeTypeOf("string");
    }
  }
});

test.each([
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "∞"],
  [1e20, "1.00e+20"],
  [1e-7, "1.00e-7"],
  [12_345.678, "12\u202f346"],
  [-1234.5, "-1235"],
  [-12_345, "-12\u202f345"],
  [0, "0"],
])("%d reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  ["temperature_celsius", "temperature"],
  ["if_in_octets_total", "if in octets"],
  ["energy_joules_total", "energy"],
  ["load_ratio", "load"],
  ["machine_state", "machine state"],
])("%s is titled %s", (metric, title) => {
  expect(metricTitle(metric)).toBe(title);
});
