import { type SeriesDescription, sameText } from "../core/reading.ts";

/** What the series of all devices of one kind have in common. */
export type SeriesShape = Pick<SeriesDescription, "metric" | "unit" | "kind" | "everyMs" | "states" | "meanings">;

/** Shapes, each kept once. */
export class SeriesShapes {
  readonly #known = new Map<string, SeriesShape[]>();

  /** The one that says what this description says; always the same object. */
  of(description: SeriesShape): SeriesShape {
    const alike = this.#known.get(description.metric) ?? [];
    const known = alike.find((shape) => isShape(shape, description)) ?? alike.find((shape) => sameShape(shape, description));
    if (known !== undefined) return known;
    const { metric, unit, kind, everyMs, states, meanings } = description;
    const shape: SeriesShape = {
      ...{ metric, unit, kind, everyMs },
      ...(states === undefined ? {} : { states }),
      ...(meanings === undefined ? {} : { meanings }),
    };
    alike.push(shape);
    this.#known.set(metric, alike);
    return shape;
  }
}

/** Mostly a description comes from the same plan as the one before, and nothing has to be compared by its text. */
function isShape(a: SeriesShape, b: SeriesShape): boolean {
  return a.unit === b.unit && a.kind === b.kind && a.everyMs === b.everyMs && a.states === b.states && a.meanings === b.meanings;
}

function sameShape(a: SeriesShape, b: SeriesShape): boolean {
  return (
    a.unit === b.unit && a.kind === b.kind && a.everyMs === b.everyMs && sameText(a.states, b.states) && sameText(a.meanings, b.meanings)
  );
}
