import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import type { Io } from "./io.ts";

interface BuildOptions {
  readonly config: string;
  readonly out: string;
  readonly prometheusUrl: string;
}

/** `millwright dashboards build`: what Grafana's provisioning reads, for one config. */
export function registerDashboards(program: Command, io: Io): void {
  program
    .command("dashboards")
    .description("dashboards for Grafana, generated from the config")
    .command("build")
    .description("write dashboards, their provider and the data source")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .option("--out <folder>", "where to write", "grafana")
    .option("--prometheus-url <url>", "where Grafana finds the Prometheus that scrapes the collector", "http://127.0.0.1:9090")
    .action((options: BuildOptions) => buildDashboards(io, options));
}

async function buildDashboards(io: Io, options: BuildOptions): Promise<void> {
  const [{ readConfig }, { grafanaFiles }] = await Promise.all([
    import("../config/load.ts"),
    import("../collector/grafana/provisioning.ts"),
  ]);
  const { config } = readConfig(options.config);
  const folder = resolve(options.out);
  const files = grafanaFiles(config, { prometheusUrl: options.prometheusUrl, dashboardsPath: join(folder, "dashboards") });
  for (const [name, text] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    io.stdout.write(`${path}\n`);
  }
}
