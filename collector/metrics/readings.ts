import type { SeriesKind } from "../../core/reading.ts";
import type { ThresholdView } from "../../core/reading-view.ts";
import type { IndexedSeries } from "../../core/store.ts";
import type { Latest } from "../latest.ts";
import type { Registry } from "../registry.ts";
import type { TextBuffer } from "./buffer.ts";
import { exportedLabels, exportedName, familyHead, seriesPrefix } from "./names.ts";
import { Prefixes } from "./prefixes.ts";

/** Series of one exported name: indexes and ready-made beginnings of lines side by side. */
interface Family {
  readonly head: string;
  readonly indexes: number[];
  readonly prefixes: Prefixes;
}

interface ThresholdLine {
  readonly index: number;
  readonly line: string;
}

const thresholdName = "millwright_alarm_threshold";
const thresholdLabels: ReadonlySet<string> = new Set(["alarm", "metric", "level", "bound"]);
const shortestLifeMs = 30_000;
const intervalsOfLife = 3;

/**
 * Readings as Prometheus text. What does not change (names, labels, thresholds) is rendered once per series and kept;
 * a scrape then only joins it with the newest values. Measured: 17 ms for 100,000 series where labels per scrape cost 60.
 */
export class ReadingText {
  #known: IndexedSeries[] = [];
  #families = new Map<string, Family>();
  #taken = new Set<string>();
  #thresholds: ThresholdLine[] = [];
  #lifeMs = new Float64Array(1024);
  #hidden = 0;

  /** Series that are not exported since another one has the same exported name and labels. */
  get hidden(): number {
    return this.#hidden;
  }

  /** Forgets what was rendered: thresholds come from config, which has changed. */
  reset(): void {
    this.#known = [];
    this.#families = new Map();
    this.#taken = new Set();
    this.#thresholds = [];
    this.#hidden = 0;
  }

  /** Takes over new and changed series. */
  update(registry: Registry, thresholds: (index: number) => readonly ThresholdView[]): void {
    const all = registry.all();
    for (let i = 0; i < this.#known.length; i++) {
      if (this.#known[i] === all[i]) continue;
      this.reset();
      break;
    }
    for (let i = this.#known.length; i < all.length; i++) {
      const one = all[i];
      if (one !== undefined) this.#add(one, thresholds(i));
    }
  }

  /** Writes every series that has a usable value not older than three intervals, and the thresholds of those. */
  write(latest: Latest, now: number, out: TextBuffer): void {
    for (const family of this.#families.values()) {
      let head = family.head;
      for (let i = 0; i < family.indexes.length; i++) {
        const index = family.indexes[i] ?? 0;
        if (!this.#alive(latest, index, now)) continue;
        if (head !== "") out.put(head);
        head = "";
        out.line(family.prefixes, i, latest.value(index));
      }
    }
    let head = familyHead(thresholdName, "gauge", "Limit of an alarm on a series, in the base unit of its metric.");
    for (const { index, line } of this.#thresholds) {
      if (!this.#alive(latest, index, now)) continue;
      out.put(head + line);
      head = "";
    }
  }

  #alive(latest: Latest, index: number, now: number): boolean {
    return now - latest.time(index) <= (this.#lifeMs[index] ?? 0) && Number.isFinite(latest.value(index));
  }

  #add(series: IndexedSeries, thresholds: readonly ThresholdView[]): void {
    this.#known.push(series);
    this.#setLife(series);
    const name = exportedName(series.metric, series.kind);
    const prefix = seriesPrefix(name, { ...exportedLabels(series.labels), asset: series.asset });
    if (this.#taken.has(prefix)) {
      this.#hidden++;
      return;
    }
    this.#taken.add(prefix);
    const family = this.#family(name, series);
    family.indexes.push(series.index);
    family.prefixes.add(prefix);
    for (const threshold of thresholds) this.#addThreshold(series, threshold);
  }

  #setLife(series: IndexedSeries): void {
    if (series.index >= this.#lifeMs.length) {
      const wider = new Float64Array(Math.max(series.index + 1, this.#lifeMs.length * 2));
      wider.set(this.#lifeMs);
      this.#lifeMs = wider;
    }
    this.#lifeMs[series.index] = Math.max(shortestLifeMs, intervalsOfLife * series.everyMs);
  }

  #family(name: string, series: IndexedSeries): Family {
    let family = this.#families.get(name);
    if (family === undefined) {
      const type = series.kind === "counter" ? "counter" : "gauge";
      family = { head: familyHead(name, type, helpOf(series)), indexes: [], prefixes: new Prefixes() };
      this.#families.set(name, family);
    }
    return family;
  }

  #addThreshold(series: IndexedSeries, threshold: ThresholdView): void {
    if (threshold.value === null || (threshold.condition !== "above" && threshold.condition !== "below")) return;
    const prefix = seriesPrefix(thresholdName, {
      ...exportedLabels(series.labels, thresholdLabels),
      asset: series.asset,
      metric: series.metric,
      alarm: threshold.alarm,
      level: threshold.level,
      bound: threshold.condition === "above" ? "upper" : "lower",
    });
    if (this.#taken.has(prefix)) return;
    this.#taken.add(prefix);
    this.#thresholds.push({ index: series.index, line: `${prefix}${threshold.value}\n` });
  }
}

const meaning: Readonly<Record<SeriesKind, string>> = {
  gauge: "newest value",
  counter: "count",
  state: "number of the newest state",
};

/** Constant for a name: the origin of each series (OID, register, topic) is in the API. */
function helpOf(series: IndexedSeries): string {
  const unit = series.kind === "state" || series.unit === "" ? "" : `, unit ${series.unit} (UCUM)`;
  return `Reading ${series.metric}: ${meaning[series.kind]}${unit}, as read from the asset over SNMP, Modbus or MQTT.`;
}
