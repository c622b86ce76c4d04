import { ColumnBuilder, type ReadingColumns } from "../core/columns.ts";
import type { Store } from "../core/store.ts";

/** Every reading of a stretch of time as it was stored, in order of time. Rejects with StoreError where they are too many. */
export async function pastReadings(
  store: Pick<Store, "range">,
  { series, from, to }: { series: number; from: number; to: number },
): Promise<ReadingColumns> {
  const found = await store.range({ series: Array.from({ length: series }, (_, index) => index), from, to });
  const all = found.flatMap(({ series: index, points }) => points.map(([time, value, quality]) => ({ index, time, value, quality })));
  all.sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
  const columns = new ColumnBuilder(all.length);
  for (const { index, time, value, quality } of all) columns.put(index, time ?? 0, value ?? Number.NaN, quality ?? 0);
  return columns.view();
}
