import { useEffect, useMemo, useState } from "preact/hooks";
import type { ReadingUpdate, ReadingView } from "../core/reading-view.ts";
import { type Remote, useRemote } from "./remote.ts";
import { usePlant } from "./store.ts";
import { openStream } from "./stream.ts";

/** Newest readings of one asset, kept live; fetched anew when levels change, since limits and series may have. */
export function useReadings(asset: string): Remote<readonly ReadingView[]> {
  const { version } = usePlant();
  const [opened, setOpened] = useState(0);
  const [updates, setUpdates] = useState<ReadonlyMap<string, ReadingUpdate>>(new Map());
  const { data, error } = useRemote<{ readings: ReadingView[] }>(
    `/api/v1/readings/latest?asset=${encodeURIComponent(asset)}`,
    version + opened,
  );
  useEffect(() => {
    setUpdates(new Map());
    return openStream(`types=readings&asset=${encodeURIComponent(asset)}`, {
      onOpen: () => setOpened((n) => n + 1),
      onBeat: () => {},
      onLost: () => {},
      onEvent(event) {
        if (event.type !== "readings") return;
        setUpdates((before) => {
          const after = new Map(before);
          for (const update of event.readings) after.set(keyOf(update), update);
          return after;
        });
      },
    });
  }, [asset]);
  const readings = useMemo(() => data?.readings.map((reading) => newer(reading, updates.get(keyOf(reading)))), [data, updates]);
  return { data: readings, error };
}

function newer(reading: ReadingView, update: ReadingUpdate | undefined): ReadingView {
  return update === undefined || update.time < reading.time ? reading : { ...reading, ...update };
}

export function keyOf(series: Pick<ReadingView, "asset" | "metric" | "labels">): string {
  return JSON.stringify([series.asset, series.metric, Object.entries(series.labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
