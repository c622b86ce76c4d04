import type { Labels, SeriesKind } from "../../core/reading.ts";

/** Names of docs/metrics.md that are not readings: a reading's metric never takes one of them. */
export const ownNames: ReadonlySet<string> = new Set([
  "millwright_asset_info",
  "millwright_asset_up",
  "millwright_asset_level",
  "millwright_service_info",
  "millwright_service_asset_info",
  "millwright_service_level",
  "millwright_service_state",
  "millwright_service_sli_ratio",
  "millwright_service_sli_coverage_ratio",
  "millwright_service_slo_target_ratio",
  "millwright_service_error_budget_remaining_ratio",
  "millwright_service_burn_rate_ratio",
  "millwright_service_burn_alarm_state",
  "millwright_alarm_state",
  "millwright_alarm_threshold",
  "millwright_alarm_chattering",
  "millwright_alarm_flood",
  "millwright_alarm_recent_announcements",
  "millwright_alarm_announcements_total",
  "millwright_agent_spool_bytes",
  "millwright_agent_last_seen_timestamp_seconds",
  "millwright_agent_clock_skew_seconds",
  "millwright_agent_traps_total",
  "millwright_readings_total",
  "millwright_rollup_drift_total",
  "millwright_sink_backlog_readings",
  "millwright_sink_written_total",
  "millwright_sink_rejected_total",
  "millwright_incidents_open",
  "millwright_notifications_total",
  "millwright_notifications_waiting",
  "millwright_series_hidden",
  "millwright_event_clients",
  "millwright_event_clients_dropped_total",
]);

/**
 * Name of a reading's metric for Prometheus. Counters end in `_total` and nothing else does (so two kinds never share a
 * name, and promtool is content); a name of ours gives way with `_reading`.
 */
export function exportedName(metric: string, kind: SeriesKind): string {
  const stem = metric.replace(/[^a-zA-Z0-9_]/g, "_").replace(/_total$/, "");
  const name = `millwright_${stem}`;
  const suffix = kind === "counter" ? "_total" : "";
  return ownNames.has(name + suffix) ? `${name}_reading${suffix}` : name + suffix;
}

/** Labels that a series must not bring: Prometheus sets or gives meaning to them, or we do. */
const reserved: ReadonlySet<string> = new Set(["asset", "job", "instance", "service", "le", "quantile"]);

/** A series' label as exported: a reserved name gets `_label` behind it, leading `__` (Prometheus' own) is taken off. */
export function exportedLabel(name: string, also: ReadonlySet<string> = none): string {
  if (plainLabel.test(name)) return reserved.has(name) || also.has(name) ? `${name}_label` : name;
  const clean = name.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^__+/, "");
  const whole = /^[a-zA-Z_]/.test(clean) ? clean : `_${clean}`;
  return `${whole}_label`;
}

const plainLabel = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
const none: ReadonlySet<string> = new Set();

/** A label value by the text format: backslash, quote and line feed escaped, everything else as it is. */
export function escapeValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n") : value;
}

/** HELP text by the text format. */
function escapeHelp(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
}

/** `name{a="b",c="d"} `, with the blank. An empty value is the same as no label and is left out; names are sorted. */
export function seriesPrefix(name: string, labels: Labels): string {
  const parts: string[] = [];
  for (const key of Object.keys(labels).sort()) {
    const value = labels[key] ?? "";
    if (value !== "") parts.push(`${key}="${escapeValue(value)}"`);
  }
  return parts.length === 0 ? `${name} ` : `${name}{${parts.join(",")}} `;
}

/** A series' labels under their exported names. */
export function exportedLabels(labels: Labels, also?: ReadonlySet<string>): Record<string, string> {
  const exported: Record<string, string> = {};
  for (const name in labels) exported[exportedLabel(name, also)] = labels[name] ?? "";
  return exported;
}

/** The two comment lines before a family. */
export function familyHead(name: string, type: "gauge" | "counter", help: string): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
}
