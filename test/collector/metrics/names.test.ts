import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeValue, exportedLabel, exportedName, ownNames, seriesPrefix } from "../../../collector/metrics/names.ts";
import type { SeriesKind } from "../../../core/reading.ts";

test.each<[string, SeriesKind, string]>([
  ["temperature_celsius", "gauge", "millwright_temperature_celsius"],
  ["if_in_octets_total", "counter", "millwright_if_in_octets_total"],
  ["bottles_filled", "counter", "millwright_bottles_filled_total"],
  ["energy_joules_total", "gauge", "millwright_energy_joules"],
  ["machine_state", "state", "millwright_machine_state"],
  ["asset_up", "gauge", "millwright_asset_up_reading"],
  ["readings_total", "counter", "millwright_readings_reading_total"],
  ['x{} 1\nmillwright_y"', "gauge", "millwright_x___1_millwright_y_"],
])("%s as %s is %s", (metric, kind, name) => {
  expect(exportedName(metric, kind)).toBe(name);
});

test("a reading takes none of the names that docs/metrics.md gives to something else", () => {
  const documented = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
  const names = [...documented.matchAll(/^\| `(millwright_[a-z_]+)` \|/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !ownNames.has(name ?? ""))).toEqual([]);
});

test.each([
  ["sensor", "sensor"],
  ["service", "service_label"],
  ["job", "job_label"],
  ["instance", "instance_label"],
  ["asset", "asset_label"],
  ["__name__", "name___label"],
  ["a-b", "a_b_label"],
  ["1st", "_1st_label"],
])("label %s is %s", (label, name) => {
  expect(exportedLabel(label)).toBe(name);
});

test("labels are sorted, escaped, and left out where empty", () => {
  expect(seriesPrefix("m", { b: 'say "hi"\\\n', a: "ü", empty: "" })).toBe('m{a="ü",b="say \\"hi\\"\\\\\\n"} ');
  expect(seriesPrefix("m", {})).toBe("m ");
});

test("no value ends its quotes or its line early", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const escaped = escapeValue(value);
      expect(escaped).not.toMatch(/\n/);
      expect(escaped.replace(/\\(\\|"|n)/g, (_, c: string) => (c === "n" ? "\n" : c))).toBe(value);
      expect(escaped.replace(/\\./g, "")).not.toContain('"');
    }),
  );
});
