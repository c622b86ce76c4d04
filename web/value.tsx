import type { JSX } from "preact";
import type { ReadingView } from "../core/reading-view.ts";
import { human } from "./units.ts";

type Shown = Pick<ReadingView, "value" | "unit" | "metric"> & { readonly state?: string | null };

/** A value in the unit people read it in; the base unit's value is its title. */
export function Value({ reading }: { readonly reading: Shown }): JSX.Element {
  if (reading.value === null) return <span class="value quiet">–</span>;
  if (reading.state !== undefined && reading.state !== null) return <span class="value state">{reading.state}</span>;
  const { text, unit } = human(reading.value, reading.unit, reading.metric);
  return (
    <span class="value" title={`${reading.value} ${reading.unit}`}>
      {text} <span class="unit">{unit}</span>
    </span>
  );
}
