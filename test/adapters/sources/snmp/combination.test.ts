import { describe, expect, it } from "vitest";
import { SeriesBook } from "../../../../adapters/sources/snmp/book.ts";
import { combine, plansInTurns } from "../../../../adapters/sources/snmp/combination.ts";
import { compileProfile } from "../../../../adapters/sources/snmp/compile.ts";
import { ScalarReader } from "../../../../adapters/sources/snmp/scalars.ts";
import { TableReader } from "../../../../adapters/sources/snmp/table.ts";
import { snmpProfile } from "../../../../config/snmp.ts";
import { silentLog } from "../../../../core/log.ts";
import { FakeClock } from "../../../fake-clock.ts";
import { RecordingSink } from "../contract.ts";

function profile(name: string) {
  return compileProfile(
    snmpProfile.parse({
      profile: name,
      source: "test",
      scalars: [{ metric: `${name}_celsius`, oid: "1.3.6.1.2.1.1.1.0" }],
      table: [{ rows: "1.3.6.1.2.1.2.2.1", labels: { port: "index" }, metrics: [{ metric: "shared_total", column: 10 }] }],
    }),
  );
}

const [first, second] = [profile("a"), profile("b")];

function deviceOf(n: number) {
  const sink = new RecordingSink();
  const context = { asset: `sw-${n}`, everyMs: 30_000, sink, clock: new FakeClock(), log: silentLog };
  const book = new SeriesBook(context);
  const scalars = new ScalarReader(context, book);
  scalars.use(combine([first]).scalars, 0);
  const [table] = combine([first]).tables;
  if (table === undefined) throw new Error("no table");
  return { scalars, table: new TableReader(table, context, book) };
}

describe("profiles that devices are polled with together", () => {
  it("are one object for all devices, in whichever list they come", () => {
    expect(combine([first, second])).toBe(combine([first, second].slice()));
    expect(combine([first])).toBe(combine([first]));
    expect(combine([first, second])).not.toBe(combine([second, first]));
    expect(combine([first, second]).tables).toEqual([...first.tables, ...second.tables]);
  });

  it("contest the series that both of them name", () => {
    expect([...combine([first, second]).contested]).toEqual(["shared_total port"]);
    expect(combine([first]).contested.size).toBe(0);
  });

  it("lead to the same requests on two devices, and one device's needs leave the other as it is", () => {
    const [one, other] = [deviceOf(1), deviceOf(2)];
    expect(one.scalars.oids).toBe(other.scalars.oids);
    expect(one.table.columns.asked).toBe(other.table.columns.asked);
    const before = [...other.table.columns.asked];
    one.table.columns.ask([{ slot: 99, oid: "1.3" }]);
    one.scalars.apply([{ oid: "1.3.6.1.2.1.1.1.0", type: 128, value: null }], 1);
    expect([...other.table.columns.asked]).toEqual(before);
    expect([one.scalars.oids, other.scalars.oids]).toEqual([[], ["1.3.6.1.2.1.1.1.0"]]);
  });

  it("are compiled one in a turn of the loop", async () => {
    const order: string[] = [];
    setImmediate(() => order.push("another"));
    const planOf = (name: string) => {
      order.push(name);
      return name === "a" ? first : second;
    };
    expect(await plansInTurns(["a", "b"], planOf)).toEqual([first, second]);
    expect(order).toEqual(["a", "another", "b"]);
  });

  it("describe the series of two devices with the same objects", () => {
    const states = { metric: "m", oid: "1.3.6.1.2.1.1.7.0", kind: "state", states: { 1: "up" }, meanings: { 1: "warning" } };
    const plan = compileProfile(snmpProfile.parse({ profile: "c", source: "test", scalars: [states] }));
    const [one, other] = [1, 2].map((n) => {
      const sink = new RecordingSink();
      const context = { asset: `sw-${n}`, everyMs: 30_000, sink, clock: new FakeClock(), log: silentLog };
      const scalars = new ScalarReader(context, new SeriesBook(context));
      scalars.use(combine([plan]).scalars, 0);
      scalars.apply([{ oid: "1.3.6.1.2.1.1.7.0", type: 2, value: 1 }], 1);
      return sink.descriptions[0];
    });
    expect(one?.states).toEqual({ 1: "up" });
    expect(one?.states).toBe(other?.states);
    expect(one?.meanings).toBe(other?.meanings);
    expect(one?.labels).toBe(other?.labels);
  });
});
