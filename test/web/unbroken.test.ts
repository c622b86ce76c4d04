import { expect, test } from "vitest";
import { unbroken } from "../../web/unbroken.ts";

test.each([
  ["bearing at 92.8 °C (above 85 °C)", "bearing at 92.8_°C (above 85_°C)"],
  ["12 %, 3 m³ and 4 kWh", "12_%, 3_m³ and 4_kWh"],
  ["3 fillers, 31: up", "3 fillers, 31: up"],
  ["", ""],
])("%s", (text, kept) => {
  expect(unbroken(text).replaceAll("\u00a0", "_")).toBe(kept);
});
