import type { SnmpColumn, SnmpProfile, SnmpRate, SnmpScalar, SnmpTable, SnmpThresholds } from "../../../config/snmp.ts";
import type { SnmpCell, SnmpColumnRef, SnmpFilter, SnmpLabel } from "../../../config/snmp-cells.ts";
import type { DeviceLimits } from "../../../core/reading.ts";
import { unitOf } from "../../../core/unit.ts";
import type {
  CellPlan,
  Conversion,
  FactorPlan,
  FilterPlan,
  FilterTest,
  IndexPart,
  LabelPlan,
  LimitPlan,
  MetricPlan,
  ProfilePlan,
  RatePlan,
  RawPlan,
  ScalarPlan,
  SpecialPlan,
  TablePlan,
  ThresholdPlan,
  ValuePlan,
} from "./plan.ts";
import { Slots } from "./slots.ts";

/** Compiles a profile once; all devices share the plan. */
export function compileProfile(profile: SnmpProfile): ProfilePlan {
  return {
    profile: profile.profile,
    match: profile.match,
    replaces: profile.replaces,
    inventory: Object.entries(profile.inventory).map(([fact, oid]) => ({ fact, oid })),
    scalars: profile.scalars.map(compileScalar),
    tables: profile.table.map(compileTable),
  };
}

function compileScalar(scalar: SnmpScalar): ScalarPlan {
  const beside: string[] = [];
  const placeOf = (oid: SnmpColumnRef): number => {
    const known = beside.indexOf(String(oid));
    return known >= 0 ? known : beside.push(String(oid)) - 1;
  };
  return { ...compileValue(scalar), ...compileRaw(scalar), oid: scalar.oid, factors: compileFactors(scalar, placeOf), beside };
}

function compileValue(value: Pick<SnmpColumn, "metric" | "labels" | "kind" | "states" | "meanings" | "range" | "unit">): ValuePlan {
  const { metric, labels, kind, states, meanings, range } = value;
  const unit = kind === "state" ? undefined : unitOf(value.unit);
  return {
    metric,
    labels,
    kind,
    unit: unit === undefined ? "" : unit.ucum,
    states: states === undefined ? undefined : { ...states },
    meanings: meanings === undefined ? undefined : { ...meanings },
    range,
  };
}

type Raw = Pick<SnmpCell, "scale" | "offset" | "unit" | "absent" | "unsigned" | "signed" | "text" | "words" | "bit">;

function compileRaw(raw: Raw): RawPlan {
  const { factor, offset: zero } = unitOf(raw.unit) ?? { factor: 1, offset: 0 };
  return {
    conversion: conversionOf(raw.scale * factor, raw.offset * factor + zero),
    absent: new Set(raw.absent),
    unsigned: raw.unsigned,
    special: compileSpecial(raw),
  };
}

/** The first number of a text: a comma is a decimal one unless it may separate thousands. */
const firstNumber = /^\D*?([-+]?\d+(?:\.\d+|,\d{1,2}(?!\d)|,\d{4,})?(?:[eE][-+]?\d+)?)(?!\d|,\d)/;

function compileSpecial({ text, words, bit, signed }: Raw): SpecialPlan | undefined {
  if (text === undefined && words === undefined && bit === undefined && signed === undefined) return undefined;
  return {
    text: text === undefined ? undefined : text === true ? firstNumber : new RegExp(text),
    words: words === undefined ? undefined : new Map(Object.entries(words).map(([word, number]) => [word.toLowerCase(), number])),
    bit,
    signed,
  };
}

/** Multiplying by 0.1 is dividing by 10: 2301 becomes 230.1. */
export function conversionOf(factor: number, add: number): Conversion {
  const inverse = Math.round(1 / factor);
  const exact = Math.abs(factor) < 1 && Math.abs(inverse * factor - 1) < 1e-12;
  return exact ? { multiply: 1, divide: inverse, add } : { multiply: factor, divide: 1, add };
}

type Factors = Pick<SnmpCell, "times" | "over" | "si_scale" | "digits" | "exponent">;

function compileFactors(of: Factors, placeOf: (ref: SnmpColumnRef) => number): FactorPlan | undefined {
  const { times, over, si_scale, digits, exponent } = of;
  if ([times, over, si_scale, digits, exponent].every((ref) => ref === undefined)) return undefined;
  const place = (ref: SnmpColumnRef | undefined): number | undefined => (ref === undefined ? undefined : placeOf(ref));
  return { times: place(times), over: place(over), siScale: place(si_scale), digits: place(digits), exponent: place(exponent) };
}

function compileTable(table: SnmpTable): TablePlan {
  const slots = new Slots(table.rows);
  const labels = compileLabels(table.labels, slots);
  const distinguish = compileLabels(table.distinguish, slots);
  const [keep, skip] = [compileFilters(table.keep, slots), compileFilters(table.skip, slots)];
  const discontinuity = table.discontinuity === undefined ? undefined : slots.of(table.discontinuity);
  const metrics = table.metrics.map((metric) => compileMetric(metric, slots));
  const names = [...labels, ...distinguish].map(({ from }) => from[0]).filter((from) => typeof from === "number");
  const filters = [...keep, ...skip, ...metrics.flatMap(({ where }) => where)]
    .map(({ slot }) => slot)
    .filter((slot) => typeof slot === "number");
  const wanted = [...names, ...filters, ...(discontinuity === undefined ? [] : [discontinuity]), ...metrics.flatMap(firstNeeds)];
  const counters = table.rates.map(({ of }) => table.metrics.findIndex(({ metric }) => metric === of));
  const counted = [...new Set(counters)];
  return {
    rows: table.rows,
    columns: slots.oids,
    joins: slots.joins,
    needs: slots.oids.map((_, slot) => slots.needs(slot)),
    own: slots.oids.map((oid, slot) => oid.startsWith(`${table.rows}.`) && !slots.joins.some((join) => join.slot === slot)),
    always: [...new Set(wanted.flatMap((slot) => slots.needs(slot)))],
    labels,
    distinguish,
    keep,
    skip,
    discontinuity,
    everyMs: table.every ?? 0,
    thresholds: table.limits_from === undefined ? undefined : compileThresholds(table.limits_from),
    maxRows: table.max_rows,
    maxBytes: table.max_bytes,
    metrics,
    counted,
    rates: table.rates.map((rate, i) => compileRate(rate, table, counted.indexOf(counters[i] ?? -1))),
  };
}

function firstNeeds({ cells, limits }: MetricPlan): readonly number[] {
  return [...(cells[0]?.needs ?? []), ...limits.flatMap(({ cell }) => cell.needs)];
}

function compileCell(cell: Omit<SnmpCell, "column"> & { readonly column: SnmpColumnRef }, slots: Slots): CellPlan {
  const slot = slots.of(cell.column);
  const needed = [slot];
  const factors = compileFactors(cell, (ref) => {
    const other = slots.of(ref);
    needed.push(other);
    return other;
  });
  return { ...compileRaw(cell), slot, fixed: cell.fixed, factors, needs: needed.flatMap((slot) => slots.needs(slot)) };
}

function compileMetric(metric: SnmpColumn, slots: Slots): MetricPlan {
  return {
    ...compileValue(metric),
    cells: [metric, ...metric.or].map((cell) => compileCell(cell, slots)),
    where: compileFilters(metric.where, slots),
    limits: compileLimits(metric, slots),
    limitRows: metric.limits === "rows",
    whenGone: metric.when_gone,
  };
}

function compileLimits(metric: SnmpColumn, slots: Slots): readonly LimitPlan[] {
  const { low_critical, low_warning, high_warning, high_critical } = typeof metric.limits === "object" ? metric.limits : {};
  const columns: readonly (readonly [keyof DeviceLimits, SnmpColumnRef | undefined])[] = [
    ["lowCritical", low_critical],
    ["lowWarning", low_warning],
    ["highWarning", high_warning],
    ["highCritical", high_critical],
  ];
  return columns.flatMap(([limit, column]) => (column === undefined ? [] : [{ limit, cell: compileCell({ ...metric, column }, slots) }]));
}

function compileThresholds({ rows, value, level, side }: SnmpThresholds): ThresholdPlan {
  const limits = new Map<string, keyof DeviceLimits>();
  const note = (sides: readonly number[], levels: readonly number[], limit: keyof DeviceLimits): void => {
    for (const one of sides) for (const other of levels) limits.set(`${one} ${other}`, limit);
  };
  note(side.low, level.critical, "lowCritical");
  note(side.low, level.warning, "lowWarning");
  note(side.high, level.warning, "highWarning");
  note(side.high, level.critical, "highCritical");
  return { value: `${rows}.${value}`, level: `${rows}.${level.column}`, side: `${rows}.${side.column}`, limits };
}

function compileFilters(filters: readonly SnmpFilter[], slots: Slots): readonly FilterPlan[] {
  return filters.map((filter) => ({ slot: isPart(filter.column) ? filter.column : slots.of(filter.column), test: compileTest(filter) }));
}

function isPart(ref: SnmpColumnRef | IndexPart | "index"): ref is IndexPart {
  return typeof ref === "object" && "as" in ref;
}

function compileTest({ in: wanted, not_in: unwanted, like }: SnmpFilter): FilterTest {
  if (like !== undefined) return { kind: "like", like: new RegExp(like) };
  const values = wanted ?? unwanted ?? [];
  const is = { wanted: wanted !== undefined };
  // Numbers are compared as such, without making text of them.
  const numeric = values.every((value) => /^-?\d+$/.test(value));
  return numeric ? { kind: "numbers", in: new Set(values.map(Number)), ...is } : { kind: "texts", in: new Set(values), ...is };
}

function compileLabels(labels: Readonly<Record<string, SnmpLabel>>, slots: Slots): readonly LabelPlan[] {
  return Object.entries(labels).map(([name, { from, names }]) => ({
    name,
    from: from.map((one) => (one === "index" || isPart(one) ? one : slots.of(one))),
    names: new Map(Object.entries(names)),
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
