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
const requests = (fake: Session): Requests => createRequests({ session: fake, target: "127.0.0.1:161", signal });

describe("get", () => {
  it("asks once for what fits, and in parts for more", async () => {
    const { fake, asked } = session((list) => list.map(value));
    expect(await requests(fake).get(oids(50))).toEqual(oids(50).map(value));
    expect(await requests(fake).get(oids(120))).toEqual(oids(120).map(value));
    expect(asked).toEqual([50, 50, 50, 20]);
  });

  it("halves what is too big", async () => {
    const { fake, asked } = session((list) => {
      if (list.length > 5) throw new Refusal({ status: 1 }, "too big");
      return list.map(value);
    });
    expect(await requests(fake).get(oids(16))).toEqual(oids(16).map(value));
    expect(asked).toEqual([16, 8, 4, 4, 8, 4, 4]);
  });

  it("finds the variable that cannot be decoded, and keeps the others", async () => {
    const { fake, asked } = session((list) => {
      if (list.includes("1.3.6.1.3")) throw new Undecodable("unknown type 71");
      return list.map(value);
    });
    const answer = await requests(fake).get(oids(8));
    expect(answer.map(({ value: found }) => found)).toEqual([1, 2, null, 4, 5, 6, 7, 8]);
    expect(asked).toEqual([8, 4, 2, 2, 1, 1, 4]);
    await expect(requests(fake).get(["1.3.6.1.3"])).rejects.toThrow("127.0.0.1:161: none of 1 variables, 1.3.6.1.3 and on, can be decoded");
  });

  it("leaves out a variable that the device has an error of its own with", async () => {
    const { fake, asked } = session((list) => {
      if (list.includes("1.3.6.1.3")) throw new Refusal({ status: 5, oid: "1.3.6.1.3" }, "genErr: 1.3.6.1.3");
      return list.map(value);
    });
    const answer = await requests(fake).get(oids(4));
    expect(answer.map(({ type, value: found }) => [type, found])).toEqual([
      [2, 1],
      [2, 2],
      [129, null],
      [2, 4],
    ]);
    expect(asked).toEqual([4, 3]);
    // Of a successor it says nothing, not even that there is none.
    expect((await requests(fake).getNext(oids(4))).map(({ type }) => type)).toEqual([2, 2, 0, 2]);
  });

  it("finds the variable that a device has an error with and does not name", async () => {
    const { fake, asked } = session((list) => {
      if (list.includes("1.3.6.1.3")) throw new Refusal({ status: 5 }, "genErr");
      return list.map(value);
    });
    expect((await requests(fake).get(oids(4))).map(({ type }) => type)).toEqual([2, 2, 129, 2]);
    expect(asked).toEqual([4, 2, 2, 1, 1]);
  });

  it("rejects where the device has an error with all of them", async () => {
    const { fake } = session((list) => {
      throw new Refusal({ status: 5, oid: list[0] }, `genErr: ${list[0]}`);
    });
    await expect(requests(fake).get(oids(3))).rejects.toThrow("genErr: 1.3.6.1.1");
    await expect(requests(fake).get(["1.3.6.1.1", "1.3.6.1.1", "1.3.6.1.2"])).rejects.toThrow("genErr: 1.3.6.1.1");
  });

  it("rejects where no value is of a type that there is", async () => {
    const { fake } = session((list) => list.map((oid) => ({ oid, type: 0, value: null })));
    await expect(requests(fake).get(oids(2))).rejects.toThrow(
      "none of 2 variables, 1.3.6.1.1 and on, can be decoded: their values are of no",
    );
  });

  it("does not ask again after silence", async () => {
    const { fake, asked } = session(() => {
      throw new SourceError("timeout", "no answer");
    });
    await expect(requests(fake).get(oids(8))).rejects.toThrow("no answer");
    expect(asked).toEqual([8]);
  });
});

describe("an agent that refuses the whole request for what it does not have", () => {
  const missing = new Set(["1.3.6.1.2", "1.3.6.1.4"]);
  const strict = (list: readonly string[]): readonly Varbind[] => {
    const none = list.find((oid) => missing.has(oid));
    if (none !== undefined) throw new Refusal({ status: 2, oid: none }, `noSuchName: ${none}`);
    return list.map(value);
  };

  it("leaves out what the device does not have", async () => {
    const { fake, asked } = session(strict);
    const types = (await requests(fake).get(oids(5))).map(({ type }) => type);
    expect(types).toEqual([2, 129, 2, 129, 2]);
    expect(asked).toEqual([5, 4, 3]);
  });

  it("takes a missing successor for the end of the MIB", async () => {
    const { fake } = session(strict);
    expect((await requests(fake).getNext(oids(2))).map(({ type }) => type)).toEqual([2, 130]);
  });

  it("gives up where the device does not say what it refuses", async () => {
    const { fake } = session(() => {
      throw new Refusal({ status: 2 }, "noSuchName");
    });
    await expect(requests(fake).get(oids(3))).rejects.toThrow("noSuchName");
  });
});
