import type { Labels } from "../../../core/reading.ts";
import { oncePerList } from "./once.ts";
import type { LabelPlan, ProfilePlan, ScalarPlan, TablePlan } from "./plan.ts";

/** Profiles that a device is polled with, together. */
export interface Combination {
  readonly profiles: readonly ProfilePlan[];
  readonly inventory: ProfilePlan["inventory"];
  readonly scalars: readonly ScalarPlan[];
  readonly tables: readonly TablePlan[];
  /** What series look like that more than one part of the profiles may name, as `shapeOf` has it. */
  readonly contested: ReadonlySet<string>;
}

/** One object for all devices that are polled with the same profiles. */
export const combine: (profiles: readonly ProfilePlan[]) => Combination = oncePerList((given: readonly ProfilePlan[]) => {
  const profiles = [...given];
  return {
    profiles,
    inventory: profiles.flatMap((profile) => profile.inventory),
    scalars: profiles.flatMap((profile) => profile.scalars),
    tables: profiles.flatMap((profile) => profile.tables),
    contested: contestedBy(profiles),
  };
});

/** Plans by the names of their profiles. The first of a kind is read and compiled then: one in a turn of the event loop. */
export async function plansInTurns(names: readonly string[], planOf: (profile: string) => ProfilePlan): Promise<readonly ProfilePlan[]> {
  const plans: ProfilePlan[] = [];
  for (const name of names) {
    if (plans.length > 0) await new Promise((resolve) => setImmediate(resolve));
    plans.push(planOf(name));
  }
  return plans;
}

/** What a series looks like: its metric and the names of its labels. */
export const shapeOf = (metric: string, labels: readonly string[]): string => `${metric} ${[...labels].sort().join(" ")}`;

function contestedBy(profiles: readonly ProfilePlan[]): ReadonlySet<string> {
  const met = new Set<string>();
  const contested = new Set<string>();
  for (const shapes of profiles.flatMap(shapesOf))
    for (const shape of shapes) {
      if (met.has(shape)) contested.add(shape);
      met.add(shape);
    }
  return contested;
}

/** Of the scalars and of each table: what their series look like, each look once. */
function shapesOf({ scalars, tables }: ProfilePlan): readonly ReadonlySet<string>[] {
  const constant = ({ labels }: { readonly labels: Labels }): string[] => Object.keys(labels);
  return [
    new Set(scalars.map((scalar) => shapeOf(scalar.metric, constant(scalar)))),
    ...tables.map(({ labels, distinguish, metrics, rates }) => {
      const names = (plans: readonly LabelPlan[]): string[] => plans.map(({ name }) => name);
      const usual = [...metrics, ...rates].map((one) => shapeOf(one.metric, [...names(labels), ...constant(one)]));
      const alike = [...metrics, ...rates].map((one) => shapeOf(one.metric, [...names([...labels, ...distinguish]), ...constant(one)]));
      return new Set([...usual, ...alike]);
    }),
  ];
}
