import { describe, expect, it } from "vitest";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { Refusal, Undecodable } from "../../../../adapters/sources/snmp/faults.ts";
import { createRequests, type Requests } from "../../../../adapters/sources/snmp/requests.ts";
import type { Session } from "../../../../adapters/sources/snmp/session.ts";
import { SourceError } from "../../../../core/errors.ts";

const value = (oid: string): Varbind => ({ oid, type: 2, value: Number(oid.split(".").at(-1)) });
const oids = (count: number): string[] => Array.from({ length: count }, (_, i) => `1.3.6.1.${i + 1}`);

function session(get: (oids: readonly string[]) => readonly Varbind[]) {
  const asked: number[] = [];
  const ask = async (list: readonly string[]): Promise<readonly Varbind[]> => {
    asked.push(list.length);
    return get(list);
  };
  const notAsked = () => Promise.reject(new Error("not asked"));
  const fake: Session = { get: ask, getNext: ask, getBulk: notAsked, probe: notAsked, close() {} };
  return { fake, asked };
}

const { signal } = new AbortController();
const requests = (fake: Session, version: "1" | "2c"): Requests =>
  createRequests({ session: fake, target: "127.0.0.1:161", version, signal });

describe("get", () => {
  it("asks once for what fits, and in parts for more", async () => {
    const { fake, asked } = session((list) => list.map(value));
    expect(await requests(fake, "2c").get(oids(50))).toEqual(oids(50).map(value));
    expect(await requests(fake, "2c").get(oids(120))).toEqual(oids(120).map(value));
    expect(asked).toEqual([50, 50, 50, 20]);
  });

  it("halves what is too big", async () => {
    const { fake, asked } = session((list) => {
      if (list.length > 5) throw new Refusal({ status: 1 }, "too big");
      return list.map(value);
    });
    expect(await requests(fake, "2c").get(oids(16))).toEqual(oids(16).map(value));
    expect(asked).toEqual([16, 8, 4, 4, 8, 4, 4]);
  });

  it("finds the variable that cannot be decoded, and keeps the others", async () => {
    const { fake, asked } = session((list) => {
      if (list.includes("1.3.6.1.3")) throw new Undecodable("unknown type 71");
      return list.map(value);
    });
    const answer = await requests(fake, "2c").get(oids(8));
    expect(answer.map(({ value: found }) => found)).toEqual([1, 2, null, 4, 5, 6, 7, 8]);
    expect(asked).toEqual([8, 4, 2, 2, 1, 1, 4]);
    await expect(requests(fake, "2c").get(["1.3.6.1.3"])).rejects.toThrow(
      "127.0.0.1:161: none of 1 variables, 1.3.6.1.3 and on, can be decoded",
    );
  });

  it("does not ask again after silence", async () => {
    const { fake, asked } = session(() => {
      throw new SourceError("timeout", "no answer");
    });
    await expect(requests(fake, "2c").get(oids(8))).rejects.toThrow("no answer");
    expect(asked).toEqual([8]);
  });
});

describe("version 1", () => {
  const missing = new Set(["1.3.6.1.2", "1.3.6.1.4"]);
  const strict = (list: readonly string[]): readonly Varbind[] => {
    const none = list.find((oid) => missing.has(oid));
    if (none !== undefined) throw new Refusal({ status: 2, oid: none }, `noSuchName: ${none}`);
    return list.map(value);
  };

  it("leaves out what the device does not have", async () => {
    const { fake, asked } = session(strict);
    const types = (await requests(fake, "1").get(oids(5))).map(({ type }) => type);
    expect(types).toEqual([2, 129, 2, 129, 2]);
    expect(asked).toEqual([5, 4, 3]);
  });

  it("takes a missing successor for the end of the MIB", async () => {
    const { fake } = session(strict);
    expect((await requests(fake, "1").getNext(oids(2))).map(({ type }) => type)).toEqual([2, 130]);
  });

  it("gives up where the device does not say what it refuses", async () => {
    const { fake } = session(() => {
      throw new Refusal({ status: 2 }, "noSuchName");
    });
    await expect(requests(fake, "1").get(oids(3))).rejects.toThrow("noSuchName");
  });
});
