import { conversionOf } from "./compile.ts";
import type { Conversion, ProfilePlan, RawPlan } from "./plan.ts";

/** What a metric's value is multiplied with on one device whose scale is not that of its profile, by metric. */
export type ScaleOverrides = Readonly<Record<string, number>>;

/** The plan of a device whose scale is wrong; the plan itself where none of its metrics is concerned. */
export function withScale(plan: ProfilePlan, scale: ScaleOverrides): ProfilePlan {
  const factorOf = (metric: string): number => (Object.hasOwn(scale, metric) ? (scale[metric] ?? 1) : 1);
  const concerned = metricsOf(plan).some((metric) => factorOf(metric) !== 1);
  if (!concerned) return plan;
  return {
    ...plan,
    scalars: plan.scalars.map((scalar) => rescale(scalar, factorOf(scalar.metric))),
    tables: plan.tables.map((table) => ({
      ...table,
      metrics: table.metrics.map((metric) => ({
        ...metric,
        cells: metric.cells.map((cell) => rescale(cell, factorOf(metric.metric))),
        limits: metric.limits.map(({ limit, cell }) => ({ limit, cell: rescale(cell, factorOf(metric.metric)) })),
      })),
    })),
  };
}

/** The plan of a device some of whose tables are read less often; the plan itself where it has none of them. */
export function withIntervals(plan: ProfilePlan, tables: Readonly<Record<string, { readonly every: number }>>): ProfilePlan {
  if (!plan.tables.some(({ rows }) => Object.hasOwn(tables, rows))) return plan;
  return { ...plan, tables: plan.tables.map((table) => ({ ...table, everyMs: tables[table.rows]?.every ?? table.everyMs })) };
}

/** Names of the metrics that a plan reads. */
export function metricsOf({ scalars, tables }: ProfilePlan): readonly string[] {
  return [...scalars, ...tables.flatMap((table) => table.metrics)].map(({ metric }) => metric);
}

function rescale<P extends RawPlan>(plan: P, factor: number): P {
  return factor === 1 ? plan : { ...plan, conversion: times(plan.conversion, factor) };
}

function times({ multiply, divide, add }: Conversion, factor: number): Conversion {
  const by = conversionOf(factor, 0);
  return { multiply: multiply * by.multiply, divide: divide * by.divide, add: add * factor };
}
