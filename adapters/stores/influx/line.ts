import type { SeriesDescription } from "../../../core/reading.ts";

/** A series as line protocol says it: everything escaped. */
export interface LineSeries {
  readonly measurement: string;
  /** Sorted by name, as InfluxDB prefers it. */
  readonly tags: readonly (readonly [name: string, value: string])[];
}

/** Names that a label may not take: our tag, our fields, and what InfluxDB keeps for itself. */
const taken = new Set(["asset", "value", "quality", "time", "_field", "_measurement"]);

/**
 * How a series is written: measurement = metric, tags = asset and labels. Line protocol (InfluxDB 1.x) has no escape for line
 * breaks nor for a backslash at the end: control characters become their pictures (`\n` is `␊`), a last backslash `＼`, and a
 * leading `#` (a comment) `＃`. A label with a taken name is written as `label_NAME`; an empty one is no tag, which is the same.
 */
export function lineSeries({ metric, asset, labels }: SeriesDescription): LineSeries {
  const tags: [string, string][] = [["asset", escapeTag(asset)]];
  for (const [name, value] of Object.entries(labels))
    if (name !== "" && value !== "") tags.push([escapeTag(tagName(name, labels)), escapeTag(value)]);
  return {
    measurement: printable(metric).replace(/^#/, "＃").replace(/[, ]/g, "\\$&"),
    tags: tags.sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

function tagName(name: string, labels: Readonly<Record<string, string>>): string {
  if (!taken.has(name)) return name;
  let free = `label_${name}`;
  while (Object.hasOwn(labels, free)) free = `label_${free}`;
  return free;
}

function escapeTag(text: string): string {
  return printable(text).replace(/[,= ]/g, "\\$&");
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, picture).replace(/\\$/, "＼");
}

/** The Unicode picture of a C0 control character; the others do no harm. */
function picture(control: string): string {
  const code = control.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : control;
}
