import type { SunspecPoint } from "../../../../config/sunspec.ts";
import type { Labels, SeriesDescription, StateMeaning } from "../../../../core/reading.ts";
import { conversionOf } from "./number.ts";

type Described = Omit<SeriesDescription, "asset" | "everyMs">;

/** The series of one point: one, or one for each named bit. */
export function seriesOf(
  point: SunspecPoint,
  { labels, origin }: { labels: Labels; origin: string },
): { description: Described; bit?: number }[] {
  const { metric, kind, states, bits, meanings } = point;
  if (bits === undefined) {
    const unit = kind === "state" ? "" : conversionOf(point).ucum;
    const said = { ...(states === undefined ? {} : { states }), ...(meanings === undefined ? {} : { meanings }) };
    return [{ description: { metric, labels, unit, kind, origin, ...said } }];
  }
  return Object.entries(bits).map(([bit, event]) => ({
    bit: Number(bit),
    description: {
      metric,
      labels: { ...labels, event },
      unit: "",
      kind: "state",
      origin: `${origin}.${event}`,
      states: { 0: "clear", 1: "active" },
      ...meaningOf(meanings?.[bit]),
    },
  }));
}

function meaningOf(meaning: StateMeaning | undefined): Pick<SeriesDescription, "meanings"> {
  return meaning === undefined ? {} : { meanings: { 1: meaning } };
}
