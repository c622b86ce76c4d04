import { describe, expect, it } from "vitest";
import { SeriesBook } from "../../../../adapters/sources/snmp/book.ts";
import { combine } from "../../../../adapters/sources/snmp/combination.ts";
import { compileProfile } from "../../../../adapters/sources/snmp/compile.ts";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { withScale } from "../../../../adapters/sources/snmp/overrides.ts";
import type { ProfilePlan } from "../../../../adapters/sources/snmp/plan.ts";
import { ScalarReader } from "../../../../adapters/sources/snmp/scalars.ts";
import { TableReader } from "../../../../adapters/sources/snmp/table.ts";
import { snmpProfile } from "../../../../config/snmp.ts";
import { silentLog } from "../../../../core/log.ts";
import { Q, qualityName } from "../../../../core/quality.ts";
import { FakeClock } from "../../../fake-clock.ts";
import { RecordingSink } from "../contract.ts";
import { fillRow, metRow, rowOf } from "./ber.ts";

const rows = "1.3.6.1.4.1.99999.1.1";
const names = "1.3.6.1.2.1.47.1.1.1.1.7";
type Cell = number | string | Varbind;
type Cells = Readonly<Record<number | string, Cell>>;

const plan = (body: object): ProfilePlan => compileProfile(snmpProfile.parse({ profile: "test", source: "test", ...body }));

function varbind(value: Cell): Varbind {
  if (typeof value === "object") return value;
  return typeof value === "number" ? { oid: "", type: 2, value } : { oid: "", type: 4, value: Buffer.from(value, "latin1") };
}

function setUp(...profiles: readonly ProfilePlan[]) {
  const sink = new RecordingSink();
  /** What a walk for limits finds: value, level and side by index. */
  const thresholds: Record<string, readonly Cell[]> = {};
  const context = { asset: "device", everyMs: 30_000, sink, clock: new FakeClock(), log: silentLog };
  const book = new SeriesBook(context);
  book.use(combine(profiles));
  const readers = profiles.flatMap(({ tables }) => tables).map((table) => new TableReader(table, context, book));
  const scalars = new ScalarReader(context, book);
  scalars.use(
    profiles.flatMap((profile) => profile.scalars),
    0,
  );
  /** One round of the first table on these rows; `elsewhere` answers for instances that are fetched. */
  const round = async (table: Readonly<Record<string, Cells>>, elsewhere: Readonly<Record<string, Cell>> = {}, which = 0) => {
    const reader = readers[which];
    if (reader === undefined) throw new Error("no such table");
    const fetched: string[] = [];
    const get = async (oids: readonly string[]): Promise<readonly Varbind[]> => {
      fetched.push(...oids);
      return oids.map((oid) => {
        const cell = elsewhere[oid];
        return cell === undefined ? { oid, type: 129, value: null } : varbind(cell);
      });
    };
    const joined = new Set(reader.plan.joins.map(({ slot }) => slot));
    const list = Object.entries(table).map(([index, cells], position) => {
      const found = reader.plan.columns.map((oid, slot) =>
        joined.has(slot) ? undefined : (cells[oid] ?? cells[oid.slice(rows.length + 1)]),
      );
      return rowOf(
        index,
        position,
        0,
        found.map((cell) => (cell === undefined ? undefined : varbind(cell))),
      );
    });
    do await reader.joins.fill(list, reader.columns.asked, get);
    while (reader.columns.alsoNeeded(list).any);
    await reader.thresholds?.read(async (_, into) => {
      for (const [index, cells] of Object.entries(thresholds)) fillRow(into.meet(metRow(index, 0)), cells.map(varbind));
    });
    return {
      puts: putsOf(
        sink,
        () => void reader.apply(list, { quality: Q.Good, faults: [] }, { wallTime: (at) => at, restarts: 0, startedAt: 0, until: 1 }),
      ),
      fetched,
    };
  };
  const scalarRound = (values: Readonly<Record<string, Cell>>) =>
    putsOf(sink, () =>
      scalars.apply(
        scalars.oids.map((oid) => (values[oid] === undefined ? { oid, type: 129, value: null } : varbind(values[oid]))),
        0,
      ),
    );
  return { sink, round, scalarRound, scalars, thresholds };
}

function putsOf(sink: RecordingSink, put: () => void): Record<string, string> {
  sink.puts.length = 0;
  put();
  return Object.fromEntries(
    sink.puts.map(({ series, value, quality }) => [
      `${series.metric} ${Object.values(series.labels).join(" ")}`.trim(),
      quality === Q.Good ? String(value) : qualityName(quality),
    ]),
  );
}

const table = (metric: object, more: object = {}) => plan({ table: [{ rows, labels: { sensor: "index" }, metrics: [metric], ...more }] });

describe("a cell is converted by", () => {
  it.each<[string, object, Cells, string | undefined]>([
    ["an EntitySensorDataScale of milli", { si_scale: 2, unit: "V" }, { 4: 3320, 2: 8 }, "3.32"],
    ["an EntitySensorDataScale of kilo", { si_scale: 2, unit: "Hz" }, { 4: 3, 2: 10 }, "3000"],
    ["scale and digits", { si_scale: 2, digits: 3, unit: "Cel" }, { 4: 533, 2: 9, 3: 1 }, "53.3"],
    ["negative digits", { digits: 3 }, { 4: 12, 3: -2 }, "1200"],
    ["an exponent", { exponent: 3, unit: "W" }, { 4: 125, 3: -1 }, "12.5"],
    ["an exponent and a unit", { exponent: 3, unit: "mA" }, { 4: 5, 3: 3 }, "5"],
    ["a scale that nobody can mean: none", { digits: 3 }, { 4: 12, 3: 2_000_000 }, undefined],
    ["a scale that is not there: none", { digits: 3 }, { 4: 12 }, undefined],
    ["two's complement of 16 bits", { signed: 16 }, { 4: 65_535 }, "-1"],
    ["two's complement of 8 bits", { signed: 8 }, { 4: 127 }, "127"],
    ["a bit of BITS", { bit: 5 }, { 4: { oid: "", type: 4, value: Buffer.from([0x04]) } }, "1"],
    ["a bit beyond the end of BITS", { bit: 9 }, { 4: { oid: "", type: 4, value: Buffer.from([0xff]) } }, "0"],
    ["a bit of an INTEGER", { bit: 2 }, { 4: 5 }, "1"],
    ["words", { words: { Ok: 1, failed: 2 } }, { 4: "FAILED" }, "2"],
    ["words that it does not know: none", { words: { ok: 1 } }, { 4: "melted" }, undefined],
    ["a fixed value", { fixed: 4 }, { 4: "whatever" }, "4"],
    ["text with a unit", { text: true, unit: "Cel" }, { 4: "12.5 C" }, "12.5"],
    ["text with a comma", { text: true }, { 4: "-3,5 dBm" }, "-3.5"],
    ["text with an exponent", { text: true }, { 4: "1e3" }, "1000"],
    ["text with words before it", { text: true }, { 4: "approx. +7 V" }, "7"],
    ["text whose comma may separate thousands: none", { text: true }, { 4: "12,500" }, undefined],
    ["text without a number: none", { text: true }, { 4: "N/A" }, undefined],
    ["what an expression finds", { text: "Temp=([0-9.]+)" }, { 4: "Hum=40 Temp=21.5" }, "21.5"],
    ["an expression that finds nothing: none", { text: "Temp=([0-9.]*)" }, { 4: "Temp=" }, undefined],
    ["a sentinel: none", { absent: [-99], unit: "Cel" }, { 4: -99 }, undefined],
  ])("%s", async (_, conversion, cells, expected) => {
    const { puts } = await setUp(table({ metric: "m", column: 4, ...conversion })).round({ 1: cells });
    expect(puts["m 1"]).toBe(expected);
  });
});

it("a value that turns into a sentinel is Bad, and Good again after it", async () => {
  const { round } = setUp(table({ metric: "temperature_celsius", column: 4, absent: [255], unit: "Cel" }));
  expect((await round({ 1: { 4: 20 } })).puts).toEqual({ "temperature_celsius 1": "20" });
  expect((await round({ 1: { 4: 255 } })).puts).toEqual({ "temperature_celsius 1": "BadNoData" });
  expect((await round({ 1: { 4: 21 } })).puts).toEqual({ "temperature_celsius 1": "21" });
});

describe("a condition", () => {
  const metric = (metric: string, where: readonly object[]) => ({ metric, column: 4, where });

  it.each<[string, object, string, string[]]>([
    ["on numbers", { column: 1, in: [8, 9] }, "1", ["a", "b"]],
    ["on what is none of some numbers", { column: 1, not_in: [8] }, "1", ["b", "none"]],
    ["on texts", { column: 5, in: ["fan"] }, "1", ["a"]],
    ["on what is none of some texts", { column: 5, not_in: ["fan"] }, "1", ["b", "none"]],
    ["on an expression", { column: 5, like: "^f" }, "1", ["a"]],
    ["on a part of the index", { column: { index: -1 }, in: [2] }, "1", ["b"]],
  ])("%s holds for some rows", async (_, where, _value, expected) => {
    const { puts } = await setUp(plan({ table: [{ rows, labels: { n: 6 }, metrics: [metric("m", [where])] }] })).round({
      "7.1": { 1: 8, 4: 1, 5: "fan", 6: "a" },
      "7.2": { 1: 9, 4: 1, 5: "psu", 6: "b" },
      "7.3": { 4: 1, 6: "none" },
    });
    expect(Object.keys(puts)).toEqual(expected.map((name) => `m ${name}`));
  });

  it("makes several metrics of one column", async () => {
    const metrics = [metric("temperature_celsius", [{ column: 1, in: [8] }]), metric("voltage_volts", [{ column: 1, in: [3, 4] }])];
    const { puts } = await setUp(plan({ table: [{ rows, labels: { n: "index" }, metrics }] })).round({
      1: { 1: 8, 4: 20 },
      2: { 1: 3, 4: 230 },
      3: { 1: 5, 4: 1 },
    });
    expect(puts).toEqual({ "temperature_celsius 1": "20", "voltage_volts 2": "230" });
  });

  it("that holds no more makes the value Bad", async () => {
    const { round } = setUp(table(metric("m", [{ column: 5, in: [1] }])));
    await round({ 1: { 4: 1, 5: 1 } });
    expect((await round({ 1: { 4: 1, 5: 2 } })).puts).toEqual({ "m 1": "BadNotFound" });
  });
});

describe("a cell from elsewhere", () => {
  const labelled = (sensor: unknown) => plan({ table: [{ rows, labels: { sensor }, metrics: [{ metric: "m", column: 4 }] }] });

  it.each<[string, unknown, Cells, string, string[]]>([
    ["of the row with the same index", [{ column: names }, "index"], {}, "m Fan 1", [`${names}.1.3`]],
    ["of the row with a part of the index", { column: names, index: [2, 1] }, {}, "m Slot 3", [`${names}.3`]],
    ["of the row with the end of the index", { column: names, index: [-1] }, {}, "m Slot 3", [`${names}.3`]],
    ["of the row that a cell names", { column: names, by: 2 }, { 2: 3 }, "m Slot 3", [`${names}.3`]],
    [
      "of the row that a cell of another table names",
      { column: names, by: { column: "1.3.6.1.9.9.2", index: [1, 1] } },
      {},
      "m Slot 3",
      ["1.3.6.1.9.9.2.1", `${names}.3`],
    ],
    ["that all rows share", { scalar: "1.3.6.1.9.9.1.0" }, {}, "m rack", ["1.3.6.1.9.9.1.0"]],
    ["that is not there", [{ column: names, by: 2 }, "index"], { 2: 99 }, "m 1.3", [`${names}.99`]],
    ["of a row that a text cannot name", [{ column: names, by: 2 }, "index"], { 2: "none" }, "m 1.3", []],
  ])("%s", async (_, from, cells, expected, fetched) => {
    const elsewhere = { [`${names}.1.3`]: "Fan 1", [`${names}.3`]: "Slot 3", "1.3.6.1.9.9.1.0": "rack", "1.3.6.1.9.9.2.1": 3 };
    const { round } = setUp(labelled(from));
    const first = await round({ "1.3": { 4: 1, ...cells } }, elsewhere);
    expect(first).toEqual({ puts: { [expected]: "1" }, fetched });
    // Kept: the next round asks for nothing.
    expect(await round({ "1.3": { 4: 2, ...cells } }, elsewhere)).toEqual({ puts: { [expected]: "2" }, fetched: [] });
  });

  it("is a condition, and part of a conversion", async () => {
    const { round } = setUp(
      table({ metric: "m", column: 4, digits: { column: "1.3.6.1.9.1" }, where: [{ column: { column: "1.3.6.1.9.2" }, in: [8] }] }),
    );
    const elsewhere = { "1.3.6.1.9.1.1": 1, "1.3.6.1.9.2.1": 8, "1.3.6.1.9.1.2": 1, "1.3.6.1.9.2.2": 9 };
    expect((await round({ 1: { 4: 215 }, 2: { 4: 99 } }, elsewhere)).puts).toEqual({ "m 1": "21.5" });
  });

  it("is not fetched for rows that are left out", async () => {
    const { round } = setUp(table({ metric: "m", column: 4 }, { labels: { sensor: { column: names } }, keep: [{ column: 1, in: [8] }] }));
    expect((await round({ 1: { 1: 8, 4: 1 }, 2: { 1: 9, 4: 1 } }, { [`${names}.1`]: "a" })).fetched).toEqual([`${names}.1`]);
  });

  it("is fetched only where the label's first choice has no text", async () => {
    const { round } = setUp(labelled([3, { column: names }]));
    expect(await round({ 1: { 3: "own", 4: 1 } })).toEqual({ puts: { "m own": "1" }, fetched: [] });
    expect(await round({ 2: { 4: 1 } }, { [`${names}.2`]: "other" })).toMatchObject({ puts: { "m other": "1" }, fetched: [`${names}.2`] });
  });
});

describe("a label from the index", () => {
  it.each<[string, unknown, string, string]>([
    ["a sub-identifier", { index: 2 }, "7.8.9", "8"],
    ["the last sub-identifier", { index: -1 }, "7.8.9", "9"],
    ["text with its length", { index: 1, as: "text" }, "2.117.112.9", "up"],
    ["text to the end", { index: 2, as: "text_to_end" }, "9.117.112", "up"],
    ["a sub-identifier that is not there: the index", { index: 4 }, "7.8", "7.8"],
    ["text that is none: the index", { index: 1, as: "text" }, "1.70000", "1.70000"],
    ["a translated one", { from: [{ index: 1 }], names: { "7": "seven" } }, "7.1", "seven"],
  ])("%s", async (_, label, index, expected) => {
    const { puts } = await setUp(plan({ table: [{ rows, labels: { n: label }, metrics: [{ metric: "m", column: 4 }] }] })).round({
      [index]: { 4: 1 },
    });
    expect(Object.keys(puts)).toEqual([`m ${expected}`]);
  });
});

describe("what a series says of itself", () => {
  it("has the meanings of its states", async () => {
    const state = { metric: "s", column: 4, kind: "state", states: { 1: "ok", 2: "failed" }, meanings: { 2: "critical" } };
    const { round, sink } = setUp(table(state));
    await round({ 1: { 4: 1 } });
    expect(sink.descriptions[0]).toMatchObject({ states: { 1: "ok", 2: "failed" }, meanings: { 2: "critical" } });
  });

  const limited = {
    metric: "m",
    column: 4,
    scale: 0.1,
    unit: "Cel",
    limits: { low_critical: 5, low_warning: 6, high_warning: 7, high_critical: 8 },
  };

  it("has the limits that the device names, converted as the value, and new ones when they move", async () => {
    const { round, sink } = setUp(table(limited));
    await round({ 1: { 4: 215, 5: -50, 6: 0, 7: 600, 8: 700 } });
    expect(sink.descriptions[0]?.limits).toEqual({ lowCritical: -5, lowWarning: 0, highWarning: 60, highCritical: 70 });
    await round({ 1: { 4: 215, 7: 650, 8: 700 } });
    expect(sink.descriptions.map(({ limits }) => limits)).toEqual([{ highWarning: 65, highCritical: 70 }]);
  });

  it("has the limits that stand in rows of another table, the nearest of each kind", async () => {
    const limits_from = {
      rows: "1.3.6.1.4.1.99999.1.9",
      value: 4,
      level: { column: 2, warning: [10], critical: [20, 30] },
      side: { column: 3, low: [1, 2], high: [3, 4] },
    };
    const metric = { metric: "m", column: 4, digits: 3, unit: "Cel", limits: "rows" };
    const { round, sink, thresholds } = setUp(table(metric, { limits_from }));
    Object.assign(thresholds, {
      "1.1": [600, 10, 4],
      "1.2": [700, 20, 4],
      "1.3": [800, 30, 3],
      "1.4": [-50, 20, 1],
      "1.5": [300, 1, 4],
      "1.6": [300, 20, 5],
      "2.1": [0, 20, 4],
    });
    await round({ 1: { 4: 215, 3: 1 }, 2: { 4: 215, 3: 1 } });
    expect(sink.descriptions.map(({ limits }) => limits)).toEqual([{ lowCritical: -5, highWarning: 60, highCritical: 70 }, undefined]);
  });

  it.each<[string, Cells]>([
    ["upper limits of 0", { 4: 215, 7: 0, 8: 0 }],
    ["limits that leave nothing between them", { 4: 215, 5: 100, 8: 100 }],
  ])("has no limits of %s", async (_, cells) => {
    const { round, sink } = setUp(table(limited));
    await round({ 1: cells });
    expect(sink.descriptions[0]?.limits).toBeUndefined();
  });
});

describe("a series that two parts of the profiles read", () => {
  const one = { rows, labels: { sensor: 2 }, metrics: [{ metric: "temperature_celsius", column: 4, unit: "Cel" }] };
  const other = { ...one, metrics: [{ metric: "temperature_celsius", column: 5, unit: "Cel" }] };

  it("belongs to the first that had a value", async () => {
    const { round, sink } = setUp(plan({ table: [one] }), plan({ table: [other] }));
    const cells = { 1: { 2: "inlet", 4: 20, 5: 30 }, 2: { 2: "outlet", 5: 40 } };
    expect((await round(cells, {}, 0)).puts).toEqual({ "temperature_celsius inlet": "20" });
    expect((await round(cells, {}, 1)).puts).toEqual({ "temperature_celsius outlet": "40" });
    expect((await round(cells, {}, 1)).puts).toEqual({ "temperature_celsius outlet": "40" });
    expect(sink.descriptions.map(({ origin }) => origin)).toEqual([`${rows}.4.1`, `${rows}.5.2`]);
  });

  it("belongs to a scalar before a table", async () => {
    const labels = { sensor: "inlet" };
    const { round, scalarRound } = setUp(
      plan({ scalars: [{ metric: "temperature_celsius", labels, oid: "1.3.6.1.9.0", unit: "Cel" }], table: [one] }),
    );
    expect(scalarRound({ "1.3.6.1.9.0": 18 })).toEqual({ "temperature_celsius inlet": "18" });
    expect((await round({ 1: { 2: "inlet", 4: 20 } })).puts).toEqual({});
  });
});

describe("scalars", () => {
  const scalars = [
    { metric: "temperature_celsius", oid: "1.3.6.1.9.1.0", digits: "1.3.6.1.9.2.0", unit: "Cel" },
    { metric: "memory_used_ratio", oid: "1.3.6.1.9.3.0", over: "1.3.6.1.9.4.0" },
  ];

  it("are converted by other scalars, which are asked for with them", () => {
    const { scalarRound, scalars: reader } = setUp(plan({ scalars }));
    expect(reader.oids).toEqual(["1.3.6.1.9.1.0", "1.3.6.1.9.3.0", "1.3.6.1.9.2.0", "1.3.6.1.9.4.0"]);
    expect(scalarRound({ "1.3.6.1.9.1.0": 215, "1.3.6.1.9.2.0": 1, "1.3.6.1.9.3.0": 1, "1.3.6.1.9.4.0": 4 })).toEqual({
      temperature_celsius: "21.5",
      memory_used_ratio: "0.25",
    });
  });

  it("that the device does not have are not asked for again", () => {
    const { scalarRound, scalars: reader } = setUp(plan({ scalars }));
    scalarRound({ "1.3.6.1.9.1.0": 215, "1.3.6.1.9.2.0": 1 });
    expect(reader.oids).toEqual(["1.3.6.1.9.1.0", "1.3.6.1.9.2.0"]);
    expect(scalarRound({})).toEqual({ temperature_celsius: "BadNotFound" });
  });
});

describe("a scale of one device", () => {
  const profile = plan({
    scalars: [{ metric: "output_frequency_hertz", oid: "1.3.6.1.9.1.0", scale: 0.1, unit: "Hz" }],
    table: [
      { rows, labels: { n: "index" }, metrics: [{ metric: "input_voltage_volts", column: 4, unit: "V", limits: { high_critical: 8 } }] },
    ],
  });

  it("multiplies the values of that metric, and their limits", async () => {
    const { round, scalarRound, sink } = setUp(withScale(profile, { input_voltage_volts: 0.1, output_frequency_hertz: 0.1 }));
    expect((await round({ 1: { 4: 2301, 8: 2600 } })).puts).toEqual({ "input_voltage_volts 1": "230.1" });
    expect(sink.descriptions[0]?.limits).toEqual({ highCritical: 260 });
    expect(scalarRound({ "1.3.6.1.9.1.0": 4998 })).toEqual({ output_frequency_hertz: "49.98" });
  });

  it("leaves other profiles as they are", () => expect(withScale(profile, { load_ratio: 2 })).toBe(profile));
});

describe("a profile that says it wrong", () => {
  const metric = { metric: "m", column: 4 };
  const body = (more: object) => ({
    profile: "p",
    source: "s",
    table: [{ rows, labels: { n: "index" }, metrics: [{ ...metric, ...more }] }],
  });

  it.each<[string, object, string, string]>([
    ["an expression that is none", { text: "(" }, "text", "no regular expression"],
    ["an expression without a group", { text: "[0-9]+" }, "text", "needs one group"],
    ["an expression with two groups", { text: "([0-9]+)([a-z])" }, "text", "needs one group"],
    ["a meaning of no state", { kind: "state", states: { 1: "ok" }, meanings: { 2: "critical" } }, "meanings.2", "2 is none of the states"],
    ["a meaning that there is not", { kind: "state", states: { 1: "ok" }, meanings: { 1: "bad" } }, "meanings.1", "Invalid option"],
    ["a condition without a test", { where: [{ column: 1 }] }, "where.0", "needs one of in, not_in and like"],
    ["a condition with two tests", { where: [{ column: 1, in: [1], like: "a" }] }, "where.0", "needs one of in, not_in and like"],
    ["a limit that there is not", { limits: { high: 3 } }, "limits", "high"],
    ["limits in rows of nowhere", { limits: "rows" }, "limits", "rows needs limits_from"],
    ["a sign of odd width", { signed: 12 }, "signed", "Invalid input"],
    ["a bit that cannot be", { bit: -1 }, "bit", ">=0"],
  ])("%s", (_, more, path, message) => {
    const { error } = snmpProfile.safeParse(body(more));
    expect(allIssues(error?.issues ?? [], `table.0.metrics.0.${path}`).join("\n"), JSON.stringify(error?.issues)).toContain(message);
  });

  it("a row that is named twice over", () => {
    const labels = { n: { column: names, index: [1], by: 2 } };
    const { error } = snmpProfile.safeParse({ profile: "p", source: "s", table: [{ rows, labels, metrics: [metric] }] });
    expect(JSON.stringify(error?.issues)).toContain("has index and by");
  });
});

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly errors?: readonly (readonly Issue[])[];
}

/** Messages at a path, those of a union's members among them. */
function allIssues(issues: readonly Issue[], at: string, above = ""): string[] {
  return issues.flatMap((issue) => {
    const path = [above, ...issue.path.map(String)].filter((part) => part !== "").join(".");
    const inner = (issue.errors ?? []).flatMap((one) => allIssues(one, at, path));
    return path === at ? [issue.message, ...inner] : inner;
  });
}
