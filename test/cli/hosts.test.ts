import { expect, test } from "vitest";
import { hostsOf } from "../../cli/hosts.ts";

test.each([
  ["10.0.4.0/30", ["10.0.4.1", "10.0.4.2"]],
  ["10.0.4.7/30", ["10.0.4.5", "10.0.4.6"]],
  ["10.0.4.7/32", ["10.0.4.7"]],
  ["10.0.4.6/31", ["10.0.4.6", "10.0.4.7"]],
  ["10.0.255.254/23", { count: 510, first: "10.0.254.1", last: "10.0.255.254" }],
  ["255.255.255.255/32", ["255.255.255.255"]],
  ["2001:db8::fffe/127", ["2001:db8:0:0:0:0:0:fffe", "2001:db8:0:0:0:0:0:ffff"]],
  ["switch.example", ["switch.example"]],
  ["::1", ["::1"]],
])("%s", (text, expected) => {
  const found = hostsOf(text);
  const all = [...(found?.all() ?? [])];
  expect(found?.count).toBe(all.length);
  expect(Array.isArray(expected) ? all : { count: all.length, first: all[0], last: all.at(-1) }).toEqual(expected);
});

test.each([
  "10.0.4.0/33",
  "10.0.4/24",
  "300.1.1.1/24",
  "10.0.4.0/",
  "/24",
  "",
  "a b",
  "10.0.4.0/24/1",
  "-x",
])("%j is no network", (text) => {
  expect(hostsOf(text)).toBeUndefined();
});

test("a network that is too large is counted, not listed", () => {
  expect(hostsOf("10.0.0.0/8")?.count).toBe(2 ** 24 - 2);
  expect(hostsOf("2001:db8::/32")?.count).toBe(2 ** 96);
});
