import type { CollectorView } from "../view.ts";
import { TextBuffer } from "./buffer.ts";
import { writePlant } from "./plant.ts";
import type { ProcessMetrics } from "./process.ts";
import { ReadingText } from "./readings.ts";

/** One answer to a scrape. The bytes are reused: call `release` once they are sent, and not before. */
export interface Exposition {
  readonly bytes: Buffer;
  release(): void;
}

export interface MetricsText {
  /** Everything as Prometheus text 0.0.4, UTF-8. */
  render(): Promise<Exposition>;
}

export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Most buffers that are kept for the next scrape; a second scrape at the same time gets one of its own. */
const keptBuffers = 2;

/** What /metrics answers: newest readings, plant, collector, and the process where it is given. */
export function createMetricsText(view: CollectorView, self?: Pick<ProcessMetrics, "text">): MetricsText {
  const readings = new ReadingText();
  const free: TextBuffer[] = [];
  // Thresholds are kept as text, and config is what they come from.
  view.subscribe(() => readings.reset(), new Set(["config"]));
  return {
    async render() {
      const process = (await self?.text()) ?? "";
      const out = free.pop() ?? new TextBuffer();
      out.clear();
      readings.update(view.registry, (index) => view.thresholds(index));
      readings.write(view.latest, view.now(), out);
      writePlant(view, readings.hidden, out);
      out.put(process);
      return {
        bytes: out.bytes(),
        release() {
          if (free.length < keptBuffers && !free.includes(out)) free.push(out);
        },
      };
    },
  };
}
