/** As much of Grafana's dashboard JSON (schema 39, Grafana 10 and newer) as ours need: plain objects, no SDK at run time. */

/** Dashboards name their data source by a variable, since `${DS_...}` inputs are not resolved for provisioned files (grafana#10786). */
// biome-ignore lint/suspicious/noTemplateCurlyInString: that is how Grafana writes a variable
export const dataSource = { type: "prometheus", uid: "${datasource}" } as const;

export interface Query {
  readonly expr: string;
  readonly legend?: string;
  /** One value now instead of a range; tables take the labels as columns. */
  readonly instant?: "value" | "table";
}

export interface Step {
  readonly color: string;
  /** null is "from minus infinity". */
  readonly value: number | null;
}

export interface PanelOptions {
  readonly title: string;
  readonly description?: string;
  readonly type: "timeseries" | "stat" | "table" | "state-timeline";
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Query[];
  /** Grafana's unit id: `celsius`, `watt`, `percentunit`. */
  readonly unit?: string;
  readonly steps?: readonly Step[];
  /** Names of values: level numbers, states. */
  readonly names?: Readonly<Record<number, { text: string; color?: string }>>;
  /** Labels that a table does not show. */
  readonly hide?: readonly string[];
}

export interface Panel {
  readonly id: number;
  readonly type: PanelOptions["type"];
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
  readonly [more: string]: unknown;
}

/** Lays panels out in rows of 24 columns, left to right. */
export function layOutPanels(options: readonly PanelOptions[]): Panel[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return options.map((one, i) => {
    if (x + one.width > 24) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const panel = makePanel(one, { id: i + 1, x, y });
    x += one.width;
    rowHeight = Math.max(rowHeight, one.height);
    return panel;
  });
}

function makePanel(one: PanelOptions, place: { id: number; x: number; y: number }): Panel {
  return {
    id: place.id,
    type: one.type,
    title: one.title,
    description: one.description ?? "",
    datasource: dataSource,
    gridPos: { x: place.x, y: place.y, w: one.width, h: one.height },
    targets: one.queries.map((query, i) => target(query, String.fromCharCode(65 + i))),
    fieldConfig: { defaults: fieldDefaults(one), overrides: [] },
    options: panelOptions(one),
    transformations:
      one.hide === undefined
        ? []
        : [{ id: "organize", options: { excludeByName: Object.fromEntries(one.hide.map((name) => [name, true])) } }],
  };
}

function target(query: Query, refId: string): { refId: string; expr: string } & Record<string, unknown> {
  return {
    refId,
    datasource: dataSource,
    expr: query.expr,
    legendFormat: query.legend ?? "__auto",
    instant: query.instant !== undefined,
    range: query.instant === undefined,
    format: query.instant === "table" ? "table" : "time_series",
  };
}

function fieldDefaults(one: PanelOptions): Record<string, unknown> {
  return {
    unit: one.unit ?? "short",
    thresholds: { mode: "absolute", steps: one.steps ?? [{ color: "text", value: null }] },
    color: { mode: one.type === "timeseries" ? "palette-classic" : "thresholds" },
    custom:
      one.type === "timeseries"
        ? { lineWidth: 1, fillOpacity: 0, spanNulls: false, thresholdsStyle: { mode: one.steps === undefined ? "off" : "line" } }
        : {},
    mappings:
      one.names === undefined
        ? []
        : [
            {
              type: "value",
              options: Object.fromEntries(Object.entries(one.names).map(([value, name], index) => [value, { ...name, index }])),
            },
          ],
  };
}

function panelOptions(one: PanelOptions): Record<string, unknown> {
  if (one.type === "stat")
    return {
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
      colorMode: "background",
      textMode: "auto",
      graphMode: "none",
    };
  if (one.type === "state-timeline") return { showValue: "never", mergeValues: true, legend: { showLegend: false } };
  if (one.type === "table") return { showHeader: true, footer: { show: false } };
  return { legend: { showLegend: true, displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } };
}
