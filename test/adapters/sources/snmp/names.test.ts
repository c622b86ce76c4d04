import { expect, it } from "vitest";
import { Names } from "../../../../adapters/sources/snmp/names.ts";
import { FakeClock } from "../../../fake-clock.ts";

it.each([
  ["127.0.0.1", { address: "127.0.0.1", family: 4 }],
  ["::1", { address: "::1", family: 6 }],
  ["2001:DB8:0:0::00a1", { address: "2001:db8::a1", family: 6 }],
])("takes %s as the operating system writes it", async (host, address) => {
  expect(await new Names(new FakeClock()).resolve(host)).toEqual(address);
});

it("resolves a name, and remembers it for a minute", async () => {
  const clock = new FakeClock();
  const names = new Names(clock);
  const first = await names.resolve("localhost");
  expect(["127.0.0.1", "::1"]).toContain(first.address);
  expect(await names.resolve("localhost")).toBe(first);
  await clock.advance(61_000);
  const later = await names.resolve("localhost");
  expect(later).not.toBe(first);
  expect(later).toEqual(first);
});

it("rejects where nobody knows the name", async () => {
  await expect(new Names(new FakeClock()).resolve("no-such-host.invalid")).rejects.toThrow("no-such-host.invalid");
});
