import { describe, expect, it } from "vitest";
import { formatQuantity, metricWords } from "../../collector/quantity.ts";

describe("formatQuantity", () => {
  it.each([
    { value: 92, unit: "Cel", metric: "temperature_celsius", text: "92 °C" },
    { value: 86.24, unit: "Cel", metric: "temperature_celsius", text: "86.2 °C" },
    { value: -40.06, unit: "Cel", metric: "temperature_celsius", text: "-40.1 °C" },
    { value: 5.2e5, unit: "Pa", metric: "pressure_pascals", text: "5.2 bar" },
    { value: 350, unit: "Pa", metric: "pressure_pascals", text: "3.5 mbar" },
    { value: -5.2e5, unit: "Pa", metric: "pressure_pascals", text: "-5.2 bar" },
    { value: 0.873, unit: "1", metric: "load_ratio", text: "87.3 %" },
    { value: 12, unit: "1", metric: "bottles_total", text: "12" },
    { value: 12_400, unit: "W", metric: "active_power_watts", text: "12.4 kW" },
    { value: 999, unit: "W", metric: "active_power_watts", text: "999 W" },
    { value: 2_500_000, unit: "W", metric: "active_power_watts", text: "2.5 MW" },
    { value: 7.2e6, unit: "J", metric: "active_energy_joules_total", text: "2 kWh" },
    { value: 230.44, unit: "V", metric: "voltage_volts", text: "230.4 V" },
    { value: 1.5e9 / 8, unit: "By/s", metric: "if_in_bytes_per_second", text: "1.5 Gbit/s" },
    { value: 2048, unit: "By", metric: "memory_bytes", text: "2 KiB" },
    { value: 90, unit: "s", metric: "remaining_seconds", text: "1m30s" },
    { value: 0.25, unit: "s", metric: "delay_seconds", text: "0.25 s" },
    { value: 0.01, unit: "m3/s", metric: "flow_cubic_meters_per_second", text: "36 m³/h" },
    { value: 1490, unit: "{rpm}", metric: "speed_rpm", text: "1490 rpm" },
    { value: 0, unit: "Pa", metric: "pressure_pascals", text: "0 Pa" },
    { value: Number.NaN, unit: "Pa", metric: "pressure_pascals", text: "no value" },
  ])("$value $unit is $text", ({ value, text, ...kind }) => {
    expect(formatQuantity(value, kind)).toBe(text);
  });
});

describe("metricWords", () => {
  it.each([
    ["temperature_celsius", "temperature"],
    ["if_oper_status", "oper status"],
    ["if_in_octets_total", "in octets"],
    ["active_energy_joules_total", "active energy"],
    ["load_ratio", "load"],
    ["pressure_pascals", "pressure"],
  ])("%s is %s", (metric, words) => {
    expect(metricWords(metric)).toBe(words);
  });
});
