import { describe, expect, it } from "vitest";
import { compileProfile } from "../../../../adapters/sources/snmp/compile.ts";
import { detect } from "../../../../adapters/sources/snmp/detect.ts";
import { compareOids } from "../../../../adapters/sources/snmp/oid.ts";
import type { ProfilePlan } from "../../../../adapters/sources/snmp/plan.ts";
import type { Requests } from "../../../../adapters/sources/snmp/requests.ts";
import { type SnmpProfile, snmpProfile } from "../../../../config/snmp.ts";

const scalars = [{ metric: "uptime_seconds", oid: "1.3.6.1.2.1.1.3.0" }];
const profile = (name: string, match?: SnmpProfile["match"]): ProfilePlan =>
  compileProfile(snmpProfile.parse({ profile: name, source: "test", scalars, ...(match === undefined ? {} : { match }) }));

const plans = [
  profile("named-only"),
  profile("cisco", { sys_object_id: ["1.3.6.1.4.1.9.*"] }),
  profile("interfaces", { present: ["1.3.6.1.2.1.2.2.1"] }),
  profile("scalar", { present: ["1.3.6.1.4.1.318.1.1.1.4.1.1.0"] }),
  profile("either", { present: ["1.3.6.1.4.1.1", "1.3.6.1.2.1.25"] }),
  profile("both", { sys_object_id: ["1.3.6.1.4.1.8072.3.2.10"], present: ["1.3.6.1.4.1.6574.1"] }),
];

/** A device with these instances, that counts its requests. */
function device(instances: readonly string[]) {
  const asked: number[] = [];
  const sorted = [...instances].sort(compareOids);
  const getNext: Requests["getNext"] = async (oids) => {
    asked.push(oids.length);
    return oids.map((oid) => {
      const next = sorted.find((other) => compareOids(other, oid) > 0);
      return next === undefined ? { oid, type: 130, value: null } : { oid: next, type: 2, value: 1 };
    });
  };
  return { asked, requests: { getNext, get: getNext, getBulk: () => Promise.reject(new Error("not asked")) } satisfies Requests };
}

describe("detect", () => {
  it.each([
    ["by sysObjectID", "1.3.6.1.4.1.9.1.1208", ["1.3.6.1.2.1.1.3.0"], ["cisco"]],
    ["by a table", undefined, ["1.3.6.1.2.1.2.2.1.1.1"], ["interfaces"]],
    ["by an instance", undefined, ["1.3.6.1.4.1.318.1.1.1.4.1.1.0"], ["scalar"]],
    ["by one of several", undefined, ["1.3.6.1.2.1.25.1.1.0"], ["either"]],
    ["not by what lies after a table", undefined, ["1.3.6.1.2.1.3.1", "1.3.6.1.2.1.2.2.2.1"], []],
    ["by both, where both are asked for", "1.3.6.1.4.1.8072.3.2.10", ["1.3.6.1.4.1.6574.1.1.0"], ["both"]],
    ["not by one of both", "1.3.6.1.4.1.8072.3.2.10", ["1.3.6.1.4.1.2021.4.5.0"], []],
    ["several, combined", "1.3.6.1.4.1.9.1.1", ["1.3.6.1.2.1.2.2.1.1.1", "1.3.6.1.2.1.25.1.1.0"], ["cisco", "either", "interfaces"]],
  ])("%s", async (_, is, instances, expected) => {
    const { requests, asked } = device(instances);
    const found = await detect(requests, { sysObjectId: is, sysDescr: undefined }, plans);
    expect(found.map(({ profile: name }) => name)).toEqual(expected);
    expect(asked.length).toBe(1);
  });

  it.each([
    ["a small device", ["1.3.6.1.2.1.1.1.0", "1.3.6.1.4.1.300.1.0"], ["p300"], 5],
    ["a device with nothing after the probes", ["1.3.6.1.4.1.1.1.0"], ["p1"], 2],
    ["a device with nothing between", ["1.3.6.1.2.1.1.1.0", "1.3.6.1.5.1.0"], [], 2],
    ["a device of two makers", ["1.3.6.1.4.1.7.1.0", "1.3.6.1.4.1.400.9.9"], ["p400", "p7"], 7],
  ])("asks %s few of 500 probes", async (_, instances, expected, most) => {
    const many = Array.from({ length: 500 }, (__, i) => profile(`p${i + 1}`, { present: [`1.3.6.1.4.1.${i + 1}`] }));
    const { requests, asked } = device(instances);
    const found = await detect(requests, { sysObjectId: undefined, sysDescr: undefined }, many);
    expect(found.map(({ profile: name }) => name)).toEqual(expected);
    expect(asked.length).toBeLessThanOrEqual(most);
    expect(Math.max(...asked)).toBeLessThanOrEqual(20);
  });

  it("does not trust an agent that goes backward with more than the one probe", async () => {
    const getNext: Requests["getNext"] = async (oids) => oids.map(() => ({ oid: "1.3.6.1.2.1.1.1.0", type: 2, value: 1 }));
    expect(await detect({ getNext }, { sysObjectId: undefined, sysDescr: undefined }, plans)).toEqual([]);
  });

  it("lets profiles match by sysDescr, takes the more specific first, and leaves out what another replaces", async () => {
    const oid = "1.3.6.1.4.1.9.1.1";
    const choices = [
      profile("any", { sys_object_id: ["1.3.6.1.4.1.9.*"] }),
      { ...profile("better", { sys_object_id: [oid] }), replaces: ["plain"] },
      profile("plain", { sys_object_id: ["1.3.6.1.4.1.9.*"] }),
      profile("ios", { sys_descr: "Cisco IOS" }),
      profile("nexus", { sys_descr: "NX-OS" }),
    ];
    const found = await detect(device([]).requests, { sysObjectId: oid, sysDescr: "Cisco IOS Software, C2960X" }, choices);
    expect(found.map(({ profile: name }) => name)).toEqual(["better", "any", "ios"]);
  });
});
