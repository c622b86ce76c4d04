import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigFaults } from "../../config/fault.ts";
import { modbusProfile } from "../../config/modbus.ts";
import { loadProfile, parseProfile, profileNames } from "../../config/profiles.ts";

const faultsOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigFaults) return error.message;
    throw error;
  }
  return "no faults";
};

describe("profiles", () => {
  test("what is named is checked against the schema, with places", () => {
    const text = "profile: x\nsource: y\nmetrics:\n  - { metric: m, register: 0, type: int16, order: ABDC }\n";
    expect(faultsOf(() => parseProfile("x.yaml", text, modbusProfile))).toBe(
      'x.yaml:4:51: metrics[0].order: "ABDC" is not one of ABCD, DCBA, BADC, CDAB (did you mean ABCD?)',
    );
    expect(parseProfile("x.yaml", text.replace("ABDC", "CDAB"), modbusProfile).metrics[0]).toMatchObject({ order: "CDAB", scale: 1 });
  });

  test("a name is a name, never a path", () => {
    const refused = faultsOf(() => loadProfile("modbus", "../../schema", z.unknown()));
    expect(refused).toContain('"../../schema" is not a known modbus profile');
  });

  test("names are sorted and every shipped profile is YAML", () => {
    for (const protocol of ["snmp", "modbus", "mqtt"] as const) {
      const names = profileNames(protocol);
      expect(names).toEqual([...names].sort());
      for (const name of names) expect(loadProfile(protocol, name, z.looseObject({ profile: z.string() })).profile).toBe(name);
    }
  });
});
