import { describe, expect, it } from "vitest";
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
});

describe("after a minute", () => {
  const answers: ((address: string | Error) => void)[] = [];
  const look = (): Promise<{ address: string; family: number }> =>
    new Promise((resolve, reject) => {
      answers.push((said) => (typeof said === "string" ? resolve({ address: said, family: 4 }) : reject(said)));
    });
  const known = async () => {
    answers.length = 0;
    const clock = new FakeClock();
    const names = new Names(clock, look);
    const first = names.resolve("plc-1");
    answers[0]?.("192.0.2.1");
    expect(await first).toEqual({ address: "192.0.2.1", family: 4 });
    await clock.advance(61_000);
    return { clock, names };
  };

  it("a resolver that hangs keeps nobody waiting who was resolved before, and is asked once", async () => {
    const { clock, names } = await known();
    for (let poll = 0; poll < 5; poll++) {
      expect(await names.resolve("plc-1")).toEqual({ address: "192.0.2.1", family: 4 });
      await clock.advance(61_000);
    }
    expect(answers).toHaveLength(2);
    answers[1]?.("192.0.2.7");
    await clock.advance(0);
    expect(await names.resolve("plc-1")).toEqual({ address: "192.0.2.7", family: 4 });
  });

  it("a name that is not known any more keeps its address, and is asked for again a minute later", async () => {
    const { clock, names } = await known();
    await names.resolve("plc-1");
    answers[1]?.(new Error("ENOTFOUND plc-1"));
    await clock.advance(0);
    expect(await names.resolve("plc-1")).toEqual({ address: "192.0.2.1", family: 4 });
    expect(answers).toHaveLength(2);
    await clock.advance(61_000);
    expect(await names.resolve("plc-1")).toEqual({ address: "192.0.2.1", family: 4 });
    expect(answers).toHaveLength(3);
  });

  it("who asks at the same time for a name that was never resolved shares the question", async () => {
    answers.length = 0;
    const names = new Names(new FakeClock(), look);
    const both = Promise.all([names.resolve("plc-1"), names.resolve("plc-1")]);
    expect(answers).toHaveLength(1);
    answers[0]?.("192.0.2.1");
    const [one, other] = await both;
    expect(one).toBe(other);
  });
});

it("rejects where nobody knows the name", async () => {
  await expect(new Names(new FakeClock()).resolve("no-such-host.invalid")).rejects.toThrow("no-such-host.invalid");
});
