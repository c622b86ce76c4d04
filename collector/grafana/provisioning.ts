import type { Config } from "../../config/schema.ts";
import { overviewDashboard, serviceDashboard } from "./dashboards.ts";

/** Path below the output folder, and what stands in it. */
export type GrafanaFiles = ReadonlyMap<string, string>;

/**
 * What Grafana needs for this config: dashboards, their provider and the data source (docs "Provision Grafana"). The data
 * source's uid is fixed, so that the dashboards find it.
 */
export function grafanaFiles(config: Config, options: { prometheusUrl: string; dashboardsPath: string }): GrafanaFiles {
  const dashboards = [overviewDashboard(), serviceDashboard(config)];
  return new Map([
    ["provisioning/datasources/millwright.yaml", dataSourceFile(options.prometheusUrl)],
    ["provisioning/dashboards/millwright.yaml", providerFile(options.dashboardsPath)],
    ...dashboards.map((one) => [`dashboards/${one.uid}.json`, `${JSON.stringify(one, null, 2)}\n`] as const),
  ]);
}

// JSON strings are YAML strings: hostile text in an option cannot break out.
function dataSourceFile(url: string): string {
  return `# Written by millwright dashboards build.
apiVersion: 1
datasources:
  - name: Millwright
    uid: millwright-prometheus
    type: prometheus
    access: proxy
    url: ${JSON.stringify(url)}
    isDefault: true
    jsonData: { httpMethod: POST, timeInterval: 15s }
`;
}

function providerFile(path: string): string {
  return `# Written by millwright dashboards build.
apiVersion: 1
providers:
  - name: millwright
    folder: Millwright
    type: file
    allowUiUpdates: false
    options: { path: ${JSON.stringify(path)} }
`;
}
