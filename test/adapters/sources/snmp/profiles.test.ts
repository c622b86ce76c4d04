import { describe, expect, it } from "vitest";
import { compileProfile } from "../../../../adapters/sources/snmp/compile.ts";
import { convert } from "../../../../adapters/sources/snmp/plan.ts";
import { loadProfile, profileNames } from "../../../../config/profiles.ts";
import { type SnmpProfile, snmpProfile } from "../../../../config/snmp.ts";
import { unitNames, unitOf } from "../../../../core/unit.ts";

const names = profileNames("snmp");
const codes = unitNames.map((name) => unitOf(name)?.ucum);
const loaded = new Map<string, SnmpProfile>();

function profile(name: string): SnmpProfile {
  const known = loaded.get(name) ?? loadProfile("snmp", name, snmpProfile);
  loaded.set(name, known);
  return known;
}

describe.each(names)("shipped profile %s", (name) => {
  it("is called as its file, says where its facts come from, and can be chosen by auto", () => {
    const { profile: called, source, match } = profile(name);
    expect(called).toBe(name);
    expect(source).toMatch(/RFC|MIB/);
    expect(match).toBeDefined();
  });

  it("names its values in base units", () => {
    const { scalars, tables } = compileProfile(profile(name));
    const values = [...scalars, ...tables.flatMap((table) => [...table.metrics, ...table.rates])];
    const suffixes: Readonly<Record<string, RegExp>> = {
      s: /_seconds(_total)?$|^seconds_/,
      V: /_volts$/,
      A: /_amperes$/,
      W: /_watts$/,
      Hz: /_hertz$/,
      Cel: /_celsius$/,
      By: /_bytes$|_bytes_total$|_octets_total$/,
      "By/s": /_bytes_per_second$/,
      "{rpm}": /_rpm$/,
    };
    for (const { metric, unit } of values) {
      if (unit !== "") expect(codes).toContain(unit);
      if (suffixes[unit] !== undefined) expect(metric).toMatch(suffixes[unit]);
    }
    for (const one of [...scalars, ...tables.flatMap((table) => table.metrics)])
      if (one.kind === "counter") expect(one.metric).toMatch(/_total$/);
  });

  it("identifies each series once", () => {
    const { scalars, tables } = compileProfile(profile(name));
    // Metrics with conditions may be the same series, each of other rows.
    const always = tables.map(({ metrics, rates }) => [...metrics.filter(({ where }) => where.length === 0), ...rates]);
    for (const values of [scalars, ...always]) {
      const keys = values.map(({ metric, labels }) => `${metric} ${JSON.stringify(labels)}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});

it("has the profiles that the product promises", () => {
  expect(names).toEqual(expect.arrayContaining(["host-resources", "if-mib", "system", "ucd-snmp", "ups-rfc1628"]));
});

it.each([
  [{ unit: "V", scale: 0.1 }, 2301, 230.1],
  [{ unit: "%" }, 57, 0.57],
  [{ unit: "ticks" }, 4711, 47.11],
  [{ unit: "min" }, 30, 1800],
  [{ unit: "Mbit/s" }, 2500, 312_500_000],
  [{ unit: "degF" }, 212, 100],
  [{ unit: "%", scale: 0.1 }, 1000, 1],
])("%j makes %d into %d", (conversion, raw, base) => {
  const scalar = { metric: "m", oid: "1.3.6.1.4.1.1.0", ...conversion };
  const [plan] = compileProfile(snmpProfile.parse({ profile: "p", source: "s", scalars: [scalar] })).scalars;
  expect(plan === undefined ? undefined : convert(plan.conversion, raw)).toBeCloseTo(base, 10);
  if (raw === 2301) expect(plan === undefined ? undefined : convert(plan.conversion, raw)).toBe(230.1);
});

describe("a profile that is wrong", () => {
  const table = {
    rows: "1.3.6.1.2.1.2.2.1",
    labels: { if_name: 2 },
    metrics: [{ metric: "if_in_octets_total", column: 10, kind: "counter" }],
  };
  const scalar = { metric: "uptime_seconds", oid: "1.3.6.1.2.1.1.3.0" };

  it.each([
    ["nothing in it", {}, "", "needs scalars, a table or inventory"],
    ["an OID with a leading dot", { scalars: [{ ...scalar, oid: ".1.3.6.1.2" }] }, "scalars.0.oid", "an OID in dotted numbers"],
    ["a metric in another style", { scalars: [{ ...scalar, metric: "sysUpTime" }] }, "scalars.0.metric", "base units"],
    ["an unknown unit", { scalars: [{ ...scalar, unit: "furlong" }] }, "scalars.0.unit", "Invalid option"],
    ["an unknown key", { scalars: [{ ...scalar, factor: 2 }] }, "scalars.0", "factor"],
    ["a state without names", { scalars: [{ ...scalar, kind: "state" }] }, "scalars.0.states", "a state needs states"],
    ["names without a state", { scalars: [{ ...scalar, states: { 1: "up" } }] }, "scalars.0.states", "states are for kind: state"],
    ["a match of nothing", { scalars: [scalar], match: {} }, "match", "needs sys_object_id, present or sys_descr"],
    [
      "a rate of a gauge",
      { table: [{ ...table, rates: [{ metric: "r", of: "if_mtu" }] }] },
      "table.0.rates.0.of",
      "if_mtu is not a counter",
    ],
    [
      "a rate per nothing",
      { table: [{ ...table, rates: [{ metric: "r", of: "if_in_octets_total", per: "if_speed" }] }] },
      "table.0.rates.0.per",
      "if_speed is not a metric of this table",
    ],
    [
      "an alternative of another quantity",
      { table: [{ ...table, metrics: [{ metric: "m", column: 5, unit: "V", or: [{ column: 6, unit: "A" }] }] }] },
      "table.0.metrics.0.or.0.unit",
      "is not of the same quantity as V",
    ],
    ["a table without labels", { table: [{ rows: table.rows, metrics: table.metrics }] }, "table.0.labels", "expected record"],
  ])("with %s", (_, body, path, message) => {
    const { error } = snmpProfile.safeParse({ profile: "p", source: "s", ...body });
    const issue = error?.issues.find((one) => one.path.join(".") === path);
    expect(issue?.message, JSON.stringify(error?.issues)).toContain(message);
  });
});
