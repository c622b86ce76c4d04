import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BulkSize } from "../../../../adapters/sources/snmp/bulksize.ts";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { Refusal } from "../../../../adapters/sources/snmp/faults.ts";
import { compareOids, decodeOid, type Span } from "../../../../adapters/sources/snmp/oid.ts";
import type { Row } from "../../../../adapters/sources/snmp/row.ts";
import { RowSet } from "../../../../adapters/sources/snmp/row-set.ts";
import { type WalkOptions, walk, walkSome } from "../../../../adapters/sources/snmp/walk.ts";
import { SourceError } from "../../../../core/errors.ts";
import { Q } from "../../../../core/quality.ts";
import { answerOf } from "./ber.ts";

const entry = "1.3.6.1.2.1.2.2.1";

/** An agent with these instances that answers GETBULK as RFC 3416 §4.2.3 says; at most `limit` variables. */
function agent(instances: readonly string[], limit = 1000) {
  const sorted = [...instances].sort(compareOids);
  const asked: { oids: readonly string[]; repetitions: number }[] = [];
  const getBulk: WalkOptions["getBulk"] = async (names, repetitions) => {
    const oids = names.map(textOf);
    asked.push({ oids, repetitions });
    const answer: Varbind[] = [];
    for (let r = 0; r < repetitions; r++) {
      for (const oid of oids) {
        if (answer.length >= limit) return answerOf(answer);
        const after = answer[answer.length - oids.length]?.oid ?? oid;
        const next = sorted.find((other) => compareOids(other, after) > 0);
        answer.push(next === undefined ? { oid, type: 130, value: null } : { oid: next, type: 2, value: Number(next.split(".").at(-1)) });
      }
    }
    return answerOf(answer);
  };
  return { asked, getBulk };
}

function textOf({ bytes, start, end }: Span): string {
  return decodeOid(bytes, start, end) ?? "";
}

const cells = (column: number, indexes: readonly (number | string)[]): string[] => indexes.map((index) => `${entry}.${column}.${index}`);

async function walked(columns: readonly number[], over: Partial<WalkOptions> & Pick<WalkOptions, "getBulk">) {
  const rows = new RowSet(columns.length);
  const result = await walk({
    columns: columns.map((column, slot) => ({ slot, oid: `${entry}.${column}` })),
    rows,
    monotonic: () => 0,
    maxRows: 1000,
    maxBytes: 1_000_000,
    until: 1,
    size: new BulkSize(),
    ...over,
  });
  return { ...result, rows: [...rows].map((row) => [row.index, valuesOf(row, columns.length)] as const) };
}

/** Numbers of a row up to its last cell. */
function valuesOf(row: Row, slots: number): (number | undefined)[] {
  const values = Array.from({ length: slots }, (_, slot) => (row.has(slot) ? row.number(slot) : undefined));
  while (values.length > 0 && values.at(-1) === undefined) values.pop();
  return values;
}

/** An agent that has an error of its own with whatever follows these, and says which of the names it was. */
function stumbling(instances: readonly string[], after: readonly string[]) {
  const { asked, getBulk } = agent(instances);
  const stumbles = async (names: readonly Span[], repetitions: number) => {
    const answer = await getBulk(names, repetitions);
    const met = Array.from({ length: answer.count }, (_, i) => answer.varbind(i).oid);
    const at = met.findIndex((_, i) => after.includes(i < names.length ? textOf(names[i] as Span) : (met[i - names.length] ?? "")));
    if (at >= 0) throw new Refusal({ status: 5, index: (at % names.length) + 1 }, "the device says genErr");
    return answer;
  };
  return { asked, getBulk: stumbles };
}

describe("walk", () => {
  it("keeps the rows and columns around a variable that the device has an error with", async () => {
    const indexes = [1, 2, 3, 4, 5, 6];
    const { getBulk } = stumbling(
      [2, 3, 5].flatMap((column) => cells(column, indexes)),
      [`${entry}.3.2`],
    );
    const { rows, quality, faults } = await walked([2, 3, 5], { getBulk });
    expect(rows.map(([, values]) => values)).toEqual([[1, 1, 1], [2, 2, 2], ...[3, 4, 5, 6].map((index) => [index, undefined, index])]);
    expect([quality, faults]).toEqual([Q.BadDeviceFailure, [`${entry}.3, after 2: the device says genErr`]]);
  });

  it("reads the other columns where the device has an error with the first one", async () => {
    const { getBulk } = stumbling(cells(5, [1, 2]), [`${entry}.2`]);
    const { rows, quality } = await walked([2, 5], { getBulk });
    expect([rows, quality]).toEqual([
      [
        ["1", [undefined, 1]],
        ["2", [undefined, 2]],
      ],
      Q.BadDeviceFailure,
    ]);
    await expect(walked([2], { getBulk })).rejects.toThrow("genErr");
  });

  it("reads the columns of a table side by side", async () => {
    const indexes = Array.from({ length: 48 }, (_, i) => i + 1);
    const { getBulk, asked } = agent([2, 3, 5].flatMap((column) => cells(column, indexes)));
    const { rows, quality, faults } = await walked([2, 3, 5], { getBulk });
    expect(rows).toEqual(indexes.map((index) => [`${index}`, [index, index, index]]));
    expect([quality, faults]).toEqual([Q.Good, []]);
    expect(asked[0]).toMatchObject({ repetitions: 17 });
    expect(asked.length).toBe(3);
  });

  it("keeps ragged columns apart, and rows whose first column is missing", async () => {
    const { getBulk } = agent([...cells(2, [1, 3, 10]), ...cells(3, [2, 10, "10.1"]), ...cells(5, [])]);
    const { rows, quality } = await walked([2, 3, 5], { getBulk });
    expect(quality).toBe(Q.Good);
    expect(new Map(rows)).toEqual(
      new Map<string, unknown>([
        ["1", [1]],
        ["3", [3]],
        ["10", [10, 10]],
        ["2", [undefined, 2]],
        ["10.1", [undefined, 1]],
      ]),
    );
  });

  it("stops asking for columns that have ended", async () => {
    const { getBulk, asked } = agent([
      ...cells(2, [1]),
      ...cells(
        3,
        Array.from({ length: 60 }, (_, i) => i + 1),
      ),
    ]);
    await walked([2, 3], { getBulk });
    expect(asked.map(({ oids }) => oids.length)).toEqual([2, 1]);
  });

  it("asks again for what did not fit into an answer", async () => {
    const { getBulk } = agent(
      [2, 3, 5].flatMap((column) => cells(column, [1, 2, 3, 4, 5])),
      2,
    );
    const { rows, quality } = await walked([2, 3, 5], { getBulk });
    expect(quality).toBe(Q.Good);
    expect(rows.map(([, values]) => values)).toEqual([1, 2, 3, 4, 5].map((i) => [i, i, i]));
  });

  it("takes an index of many parts, and the end of the MIB", async () => {
    const { getBulk } = agent(cells(2, ["1.4.10.0.0.1", "1.4.10.0.0.2"]));
    expect((await walked([2], { getBulk })).rows.map(([index]) => index)).toEqual(["1.4.10.0.0.1", "1.4.10.0.0.2"]);
  });
});

describe("walk of an agent that lies", () => {
  const forever = (next: (round: number) => string): WalkOptions["getBulk"] =>
    (() => {
      let round = 0;
      return async (names) => answerOf(names.map(() => ({ oid: next(round++), type: 2, value: 1 })));
    })();

  it.each([
    ["repeats itself", () => `${entry}.2.7`],
    ["goes back", (round: number) => `${entry}.2.${100 - round}`],
    ["turns in a circle", (round: number) => `${entry}.2.${(round % 3) + 1}`],
  ])("ends where it %s", async (_, next) => {
    const { quality, faults, rows } = await walked([2], { getBulk: forever(next) });
    expect(quality).toBe(Q.BadDecodingError);
    expect(faults[0]).toMatch(/does not follow/);
    expect(rows.length).toBeLessThan(5);
  });

  it("leaves the column that loops, and reads the others", async () => {
    const good = agent(cells(3, [1, 2, 3]));
    const getBulk: WalkOptions["getBulk"] = async (names, repetitions) => {
      const answer = [...(await good.getBulk(names, repetitions)).varbinds()];
      const at = names.findIndex((name) => textOf(name).startsWith(`${entry}.2`));
      for (let i = at; at >= 0 && i < answer.length; i += names.length) answer[i] = { oid: `${entry}.2.1`, type: 2, value: 1 };
      return answerOf(answer);
    };
    const { rows, quality } = await walked([2, 3], { getBulk });
    expect(quality).toBe(Q.BadDecodingError);
    expect(rows.map(([, values]) => values[1])).toEqual([1, 2, 3]);
  });

  it("does not take a step backward for the end of a table that had rows", async () => {
    const back: WalkOptions["getBulk"] = async (names) => answerOf(names.map(() => ({ oid: "1.3.6.1.2.1.1.1.0", type: 2, value: 1 })));
    const { quality, faults } = await walked([2], { getBulk: back, hadRows: true });
    expect([quality, faults]).toEqual([Q.BadDecodingError, [`${entry}.2: what follows it comes before it`]]);
    // One that never had rows: agents that begin anew at their end are many.
    expect((await walked([2], { getBulk: back })).quality).toBe(Q.Good);
  });

  it("ends at an answer without variables", async () => {
    const { quality, faults } = await walked([2], { getBulk: async () => answerOf([]) });
    expect([quality, faults[0]]).toEqual([Q.BadDecodingError, `${entry}.2: an answer without variables`]);
  });

  it("ends at the row cap", async () => {
    const endless = await walked([2], { getBulk: forever((round) => `${entry}.2.${round + 1}`), maxBytes: 2000 });
    expect([endless.quality, endless.faults]).toEqual([Q.BadEncodingLimitsExceeded, ["more than 2000 bytes: the rest is not read"]]);
    const { quality, rows } = await walked([2], { getBulk: forever((round) => `${entry}.2.${round + 1}`), maxRows: 100 });
    expect([quality, rows.length]).toEqual([Q.BadEncodingLimitsExceeded, 101]);
  });

  it("ends when its time is over", async () => {
    let now = 0;
    const getBulk = forever((round) => `${entry}.2.${round + 1}`);
    const { quality, rows } = await walked([2], { getBulk, monotonic: () => now++, until: 20 });
    expect(quality).toBe(Q.BadTimeout);
    expect(rows.length).toBeLessThan(20);
  });
});

describe("walk of an agent that refuses", () => {
  it("asks for less when an answer would be too big", async () => {
    const small = agent(cells(2, [1, 2, 3, 4, 5, 6, 7]));
    const getBulk: WalkOptions["getBulk"] = async (oids, repetitions) => {
      if (repetitions > 4) throw new Refusal({ status: 1 }, "too big");
      return small.getBulk(oids, repetitions);
    };
    expect((await walked([2], { getBulk })).rows.length).toBe(7);
  });

  it("keeps the rows read before it fell silent", async () => {
    const good = agent(cells(2, [1, 2, 3]), 2);
    let calls = 0;
    const getBulk: WalkOptions["getBulk"] = async (oids, repetitions) => {
      if (calls++ > 0) throw new SourceError("timeout", "no answer");
      return good.getBulk(oids, repetitions);
    };
    const rows = new RowSet(1);
    const options = {
      columns: [{ slot: 0, oid: `${entry}.2` }],
      getBulk,
      monotonic: () => 0,
      maxRows: 10,
      maxBytes: 1_000_000,
      until: 1,
      size: new BulkSize(),
    };
    expect(await walkSome({ ...options, rows })).toEqual({ quality: Q.BadTimeout, faults: ["no answer"] });
    expect(Array.from(rows, ({ index }) => index)).toEqual(["1", "2"]);
    await expect(walkSome({ ...options, rows: new RowSet(1) })).rejects.toThrow("no answer");
  });
});

describe("a walk", () => {
  const ragged = fc.record({
    columns: fc.array(fc.uniqueArray(fc.nat(40), { maxLength: 30 }), { minLength: 1, maxLength: 12 }),
    expected: fc.nat(40),
    limit: fc.integer({ min: 1, max: 60 }),
  });

  it("never changes what is read, however ragged the columns, and whatever was expected", async () => {
    await fc.assert(
      fc.asyncProperty(ragged, async ({ columns, expected, limit }) => {
        const { getBulk } = agent(
          columns.flatMap((indexes, column) =>
            cells(
              column + 1,
              indexes.map((index) => index + 1),
            ),
          ),
          limit,
        );
        const { rows, quality } = await walked(
          columns.map((_, column) => column + 1),
          { getBulk, expected },
        );
        const indexes = [...new Set(columns.flat())];
        const wanted = indexes.map((index) => {
          const row = columns.map((column) => (column.includes(index) ? index + 1 : undefined));
          while (row.at(-1) === undefined) row.pop();
          return [`${index + 1}`, row];
        });
        expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(wanted));
        expect([rows.length, quality]).toEqual([indexes.length, Q.Good]);
      }),
    );
  });

  it("leaves no row without its last columns where the device falls silent", async () => {
    const indexes = Array.from({ length: 48 }, (_, i) => i + 1);
    const whole = agent(Array.from({ length: 10 }, (_, column) => cells(column + 1, indexes)).flat(), 47);
    for (let answered = 0; answered < 12; answered++) {
      let calls = 0;
      const getBulk: WalkOptions["getBulk"] = async (names, repetitions) => {
        if (calls++ >= answered) throw new SourceError("timeout", "no answer");
        return whole.getBulk(names, repetitions);
      };
      const rows = new RowSet(10);
      const columns = indexes.slice(0, 10).map((column, slot) => ({ slot, oid: `${entry}.${column}` }));
      const limits = { monotonic: () => 0, maxRows: 1000, maxBytes: 1_000_000, until: 1 };
      await walk({ columns, rows, getBulk, size: new BulkSize(), expected: 48, ...limits }).catch(() => undefined);
      for (const row of rows) expect(valuesOf(row, 10)).toEqual(Array.from({ length: 10 }, () => Number(row.index)));
    }
  });
});
