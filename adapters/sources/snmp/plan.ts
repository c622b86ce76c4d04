import type { SnmpCell, SnmpColumn, SnmpLabel, SnmpProfile, SnmpRate, SnmpScalar, SnmpTable } from "../../../config/snmp.ts";
import type { Labels, SeriesKind } from "../../../core/reading.ts";
import { unitOf } from "../../../core/unit.ts";

/** Raw to base unit: `raw * multiply / divide + add`. Tenths are divided by 10, not multiplied by 0.1: 2301 becomes 230.1. */
export interface Conversion {
  readonly multiply: number;
  readonly divide: number;
  readonly add: number;
}

/** What every value of a profile has in common. */
export interface ValuePlan {
  readonly metric: string;
  readonly labels: Labels;
  readonly kind: SeriesKind;
  /** UCUM. */
  readonly unit: string;
  readonly states: Readonly<Record<number, string>> | undefined;
  readonly range: readonly [number, number] | undefined;
}

export interface RawPlan {
  readonly conversion: Conversion;
  readonly absent: ReadonlySet<number>;
  readonly unsigned: boolean;
}

export interface ScalarPlan extends ValuePlan, RawPlan {
  readonly oid: string;
}

/** A cell that a metric may be read from; slots number the columns of its table. */
export interface CellPlan extends RawPlan {
  readonly slot: number;
  readonly times: number | undefined;
  readonly over: number | undefined;
}

export interface MetricPlan extends ValuePlan {
  /** In order of preference. */
  readonly cells: readonly CellPlan[];
  readonly fixed: number | undefined;
  readonly whenGone: number | undefined;
}

/** A rate over two rounds. `of` numbers the table's counted metrics; `per` and `limit` number its metrics. */
export interface RatePlan {
  readonly metric: string;
  readonly labels: Labels;
  readonly unit: string;
  readonly of: number;
  readonly per: number | undefined;
  readonly limit: number | undefined;
  readonly scale: number;
}

export interface LabelPlan {
  readonly name: string;
  readonly from: readonly (number | "index")[];
  readonly names: Readonly<Record<string, string>>;
}

export interface FilterPlan {
  readonly slot: number;
  readonly in: ReadonlySet<string>;
}

export interface TablePlan {
  readonly rows: string;
  /** OID of each slot. */
  readonly columns: readonly string[];
  /** Whether the slot is a column of `rows` itself: such a cell makes a row. */
  readonly own: readonly boolean[];
  /** Slots that every walk asks for; the others only once a row needs them. */
  readonly always: readonly number[];
  readonly labels: readonly LabelPlan[];
  readonly distinguish: readonly LabelPlan[];
  readonly keep: readonly FilterPlan[];
  readonly skip: readonly FilterPlan[];
  readonly discontinuity: number | undefined;
  readonly maxRows: number;
  readonly metrics: readonly MetricPlan[];
  /** Metrics that some rate is computed of, by number. */
  readonly counted: readonly number[];
  readonly rates: readonly RatePlan[];
}

/** A profile as it is polled. */
export interface ProfilePlan {
  readonly profile: string;
  readonly match: SnmpProfile["match"];
  readonly inventory: readonly { readonly fact: string; readonly oid: string }[];
  readonly scalars: readonly ScalarPlan[];
  readonly tables: readonly TablePlan[];
}

/** Compiles a profile once; all devices share the plan. */
export function compileProfile(profile: SnmpProfile): ProfilePlan {
  return {
    profile: profile.profile,
    match: profile.match,
    inventory: Object.entries(profile.inventory).map(([fact, oid]) => ({ fact, oid })),
    scalars: profile.scalars.map(compileScalar),
    tables: profile.table.map(compileTable),
  };
}

export function convert({ multiply, divide, add }: Conversion, raw: number): number {
  return (raw * multiply) / divide + add;
}

function compileScalar(scalar: SnmpScalar): ScalarPlan {
  return { ...compileValue(scalar), ...compileRaw(scalar), oid: scalar.oid };
}

function compileValue(value: Pick<SnmpColumn, "metric" | "labels" | "kind" | "states" | "range" | "unit">): ValuePlan {
  const { metric, labels, kind, states, range } = value;
  const unit = kind === "state" ? undefined : unitOf(value.unit);
  return {
    metric,
    labels,
    kind,
    unit: unit === undefined ? "" : unit.ucum,
    states: states === undefined ? undefined : { ...states },
    range,
  };
}

function compileRaw({
  scale,
  offset,
  unit,
  absent,
  unsigned,
}: Pick<SnmpCell, "scale" | "offset" | "unit" | "absent" | "unsigned">): RawPlan {
  const { factor, offset: zero } = unitOf(unit) ?? { factor: 1, offset: 0 };
  return { conversion: conversionOf(scale * factor, offset * factor + zero), absent: new Set(absent), unsigned };
}

function conversionOf(factor: number, add: number): Conversion {
  const inverse = Math.round(1 / factor);
  const exact = Math.abs(factor) < 1 && Math.abs(inverse * factor - 1) < 1e-12;
  return exact ? { multiply: 1, divide: inverse, add } : { multiply: factor, divide: 1, add };
}

/** Gives columns their slots as they are met. */
class Slots {
  readonly oids: string[] = [];
  readonly #rows: string;

  constructor(rows: string) {
    this.#rows = rows;
  }

  of(column: number | string): number {
    const oid = typeof column === "number" ? `${this.#rows}.${column}` : column;
    const known = this.oids.indexOf(oid);
    return known >= 0 ? known : this.oids.push(oid) - 1;
  }
}

function compileTable(table: SnmpTable): TablePlan {
  const slots = new Slots(table.rows);
  const filters = (list: SnmpTable["keep"]): FilterPlan[] =>
    list.map(({ column, in: values }) => ({ slot: slots.of(column), in: new Set(values) }));
  const labels = compileLabels(table.labels, slots);
  const distinguish = compileLabels(table.distinguish, slots);
  const [keep, skip] = [filters(table.keep), filters(table.skip)];
  const discontinuity = table.discontinuity === undefined ? undefined : slots.of(table.discontinuity);
  const metrics = table.metrics.map((metric) => compileMetric(metric, slots));
  const first = metrics.map(({ cells }) => cells[0]).flatMap((cell) => (cell === undefined ? [] : [cell.slot, cell.times, cell.over]));
  const names = [...labels, ...distinguish].map(({ from }) => from[0]);
  const wanted = [...names, ...keep.map(({ slot }) => slot), ...skip.map(({ slot }) => slot), discontinuity, ...first];
  const counters = table.rates.map(({ of }) => table.metrics.findIndex(({ metric }) => metric === of));
  const counted = [...new Set(counters)];
  return {
    rows: table.rows,
    columns: slots.oids,
    own: slots.oids.map((oid) => oid.startsWith(`${table.rows}.`)),
    always: [...new Set(wanted.filter((slot) => typeof slot === "number"))],
    labels,
    distinguish,
    keep,
    skip,
    discontinuity,
    maxRows: table.max_rows,
    metrics,
    counted,
    rates: table.rates.map((rate, i) => compileRate(rate, table, counted.indexOf(counters[i] ?? -1))),
  };
}

function compileCell(cell: SnmpCell, slots: Slots): CellPlan {
  const other = (column: SnmpCell["times"]): number | undefined => (column === undefined ? undefined : slots.of(column));
  return { ...compileRaw(cell), slot: slots.of(cell.column), times: other(cell.times), over: other(cell.over) };
}

function compileMetric(metric: SnmpColumn, slots: Slots): MetricPlan {
  return {
    ...compileValue(metric),
    cells: [metric, ...metric.or].map((cell) => compileCell(cell, slots)),
    fixed: metric.fixed,
    whenGone: metric.when_gone,
  };
}

function compileLabels(labels: Readonly<Record<string, SnmpLabel>>, slots: Slots): readonly LabelPlan[] {
  return Object.entries(labels).map(([name, { from, names }]) => ({
    name,
    from: from.map((column) => (column === "index" ? "index" : slots.of(column))),
    names,
  }));
}

function compileRate(rate: SnmpRate, table: SnmpTable, of: number): RatePlan {
  const numberOf = (metric: string | undefined): number | undefined => {
    const at = table.metrics.findIndex((other) => other.metric === metric);
    return at < 0 ? undefined : at;
  };
  const per = numberOf(rate.per);
  const unit = unitOf(rate.unit) ?? { ucum: "", factor: 1 };
  return {
    metric: rate.metric,
    labels: rate.labels,
    unit: unit.ucum,
    of,
    per,
    limit: numberOf(rate.limit) ?? per,
    scale: rate.scale * unit.factor,
  };
}
