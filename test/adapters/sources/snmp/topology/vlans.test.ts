import { expect, test } from "vitest";
import { inVlan } from "../../../../../adapters/sources/snmp/credentials.ts";
import { vlansApart, withVlans } from "../../../../../adapters/sources/snmp/topology/vlans.ts";
import { SourceError } from "../../../../../core/errors.ts";
import { column, rawOf } from "./raw.ts";

const state = "1.3.6.1.4.1.9.9.46.1.3.1.1.2";
const vlans = (...numbers: readonly number[]): string[] => column(state, "2", Object.fromEntries(numbers.map((vlan) => [`1.${vlan}`, 1])));
const nothing = { bridge: { forwarding: new Map(), bridgePorts: new Map() }, partial: [] };

test("asked are operational VLANs but the first and the token rings', and none where one table tells of all", () => {
  expect(vlansApart(rawOf([...vlans(1, 30, 10, 1002, 1005, 1006), `${state}.1.40|2|2`]))).toEqual([10, 30, 1006]);
  expect(vlansApart(rawOf([...vlans(10), ...column("1.3.6.1.2.1.17.7.1.2.2.1.2", "2", { "1.2.0.0.0.0.1": 3 })]))).toEqual([]);
});

test("three in a row that do not answer end it; more than 128 are cut: both are parts", async () => {
  const asked: number[] = [];
  const silent = await withVlans(rawOf(vlans(2, 3, 4, 5, 6, 7)), (vlan) => {
    asked.push(vlan);
    return vlan === 3 ? Promise.resolve(nothing) : Promise.reject(new SourceError("timeout", "sw-1:161: no answer"));
  });
  expect([asked, silent.bridges.length, silent.partial]).toEqual([[2, 3, 4, 5, 6], 1, ["forwarding"]]);
  const many = await withVlans(rawOf(vlans(...Array.from({ length: 200 }, (_, i) => i + 2))), () => Promise.resolve(nothing));
  expect([many.bridges.length, many.partial]).toEqual([128, ["forwarding"]]);
});

test("a VLAN's tables are behind community@vlan, or in the context vlan-N", () => {
  expect(inVlan({ version: "2c", community: "public" }, 20)).toEqual({ version: "2c", community: "public@20" });
  expect(inVlan({ version: "3", user: "mon", context: "" }, 20)).toEqual({ version: "3", user: "mon", context: "vlan-20" });
  expect(inVlan({ version: "2c", community: "public" }, undefined)).toEqual({ version: "2c", community: "public" });
});
