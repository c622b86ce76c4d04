import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { type WhatIfState, whatIfStates } from "../collector/view.ts";
import { choiceList, didYouMean } from "../config/suggest.ts";
import type { ImpactView, NeedView, RecoveryView, ServiceDetail, ServiceView } from "../core/service-view.ts";
import { readCollector, type Where, withCollector } from "./ask.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { needLines } from "./need-lines.ts";
import { type Format, formatOption, printable, printRows } from "./output.ts";

type Settings = ReadonlyMap<string, WhatIfState>;

/** `millwright services tree|explain|what-if|impact|graph`. */
export function registerServices(program: Command, io: Io): void {
  const services = program.command("services").description("what services need, why they are as they are, and what would hurt them");
  services
    .command("tree")
    .description("print what services need, as a tree; needs no running collector")
    .argument("[id...]", "services; all without it")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .addOption(formatOption())
    .action((ids: readonly string[], options: { config: string; format: Format }) => printTree(io, ids, options));
  withCollector(services.command("explain"))
    .description("say in one sentence why a service is as it is: asks a collector, or imagines with --set")
    .argument("<id>", "the service")
    .addOption(new Option("--config <path>", "YAML file or folder, for --set"))
    .addOption(setOption())
    .addOption(formatOption())
    .action((id: string, options: ExplainOptions) => printExplanation(io, id, options));
  services
    .command("what-if")
    .description("levels of all services if assets stood so; needs no running collector")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .addOption(setOption())
    .addOption(formatOption())
    .action((options: { config: string; set: Settings; format: Format }) => printWhatIf(io, options));
  withCollector(services.command("impact"))
    .description("what else fails if an asset does: asks a collector, or imagines with --config")
    .argument("<asset>", "the asset")
    .addOption(new Option("--config <path>", "YAML file or folder: needs no running collector"))
    .addOption(setOption())
    .addOption(formatOption())
    .action((asset: string, options: ExplainOptions) => printImpact(io, asset, options));
  services
    .command("graph")
    .description("the graph of services and assets, for other programs; needs no running collector")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .addOption(new Option("--format <format>", "how to print").choices(graphFormats).default("dot"))
    .action((options: { config: string; format: GraphFormat }) => printGraph(io, options));
}

const graphFormats = ["dot", "json", "mermaid"] as const;
type GraphFormat = (typeof graphFormats)[number];

interface ExplainOptions extends Where {
  readonly config?: string;
  readonly set: Settings;
  readonly format: Format;
}

function setOption(): Option {
  return new Option("--set <asset=state,...>", `how assets stand: ${whatIfStates.join(", ")}; the others are ok`)
    .default(new Map<string, WhatIfState>(), "all ok")
    .argParser(readSettings);
}

function readSettings(text: string, before: Settings): Settings {
  const settings = new Map(before);
  for (const pair of text.split(",").filter((one) => one.trim() !== "")) {
    const at = pair.lastIndexOf("=");
    const asset = pair.slice(0, at).trim();
    const found = pair.slice(at + 1).trim();
    const state = whatIfStates.find((name) => name === found);
    if (at < 1) throw new InvalidArgumentError(`${JSON.stringify(pair)} is not ASSET=STATE`);
    if (state === undefined)
      throw new InvalidArgumentError(`${JSON.stringify(found)} is not one of ${whatIfStates.join(", ")}${didYouMean(found, whatIfStates)}`);
    settings.set(asset, state);
  }
  return settings;
}

async function printWhatIf(io: Io, { config, set, format }: { config: string; set: Settings; format: Format }): Promise<void> {
  const { view } = await imagined(config, set);
  if (format === "json") return void io.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
  printRows(io, {
    format,
    rows: Object.entries(view.services).map(([id, service]) => ({ id, ...service })),
    columns: [
      { title: "SERVICE", value: (row) => row.id },
      { title: "LEVEL", value: (row) => row.level },
      { title: "LOW", value: (row) => row.low },
      { title: "HIGH", value: (row) => row.high },
      { title: "CAUSES", value: (row) => row.causes.join(", ") },
    ],
  });
}

async function printTree(io: Io, ids: readonly string[], { config, format }: { config: string; format: Format }): Promise<void> {
  const { treeOf, services } = await imagined(config, new Map());
  const wanted = ids.length === 0 ? services : ids.map((id) => known(services, id));
  const trees = wanted.map(({ id, name }) => ({ id, name, needs: treeOf(id) }));
  if (format === "json") return void io.stdout.write(`${JSON.stringify({ services: trees }, null, 2)}\n`);
  for (const tree of trees) {
    if (format === "ndjson") io.stdout.write(`${JSON.stringify(tree)}\n`);
    else
      io.stdout.write(
        `${tree.id === tree.name ? tree.id : `${tree.id}: ${printable(tree.name)}`}\n${needLines(tree.needs, { levels: false })}`,
      );
  }
}

async function printImpact(io: Io, asset: string, { config, url, token, set, format }: ExplainOptions): Promise<void> {
  if (config === undefined && set.size > 0) throw imaginationNeedsConfig();
  const path = `/api/v1/assets/${encodeURIComponent(asset)}/impact`;
  const impact =
    config === undefined
      ? await readCollector<ImpactView>({ url, token, path, otherwise: "--config needs none" })
      : (await imagined(config, set)).impactOf(asset);
  if (format !== "table") return void io.stdout.write(`${JSON.stringify(impact, null, format === "json" ? 2 : undefined)}\n`);
  printRows(io, {
    format,
    rows: impact.services,
    columns: [
      { title: "SERVICE", value: (row) => row.id },
      { title: "LEVEL", value: (row) => row.level },
      { title: "LOW", value: (row) => row.low },
      { title: "HIGH", value: (row) => row.high },
    ],
  });
  if (impact.unreachable.length > 0) io.stdout.write(`out of reach: ${impact.unreachable.map(printable).join(", ")}\n`);
}

async function printGraph(io: Io, { config: path, format }: { config: string; format: GraphFormat }): Promise<void> {
  const { loadConfig } = await import("../config/load.ts");
  const { compileGraph } = await import("../collector/services/graph.ts");
  const { dotText, exportGraph, mermaidText } = await import("../collector/services/export.ts");
  const config = loadConfig(path);
  const graph = exportGraph(compileGraph(config), config);
  const texts = { dot: dotText, mermaid: mermaidText, json: (all: typeof graph) => `${JSON.stringify(all, null, 2)}\n` };
  io.stdout.write(texts[format](graph));
}

/** What there is to say of a service. */
type Explanation = Pick<ServiceView, "id" | "level" | "low" | "high" | "why" | "causes"> & Pick<ServiceDetail, "recovery" | "needs">;

async function printExplanation(io: Io, id: string, options: ExplainOptions): Promise<void> {
  const explanation =
    options.set.size > 0 || options.config !== undefined
      ? await imagineOne(id, options)
      : await readCollector<Explanation>({
          ...options,
          path: `/api/v1/services/${encodeURIComponent(id)}`,
          otherwise: "--config and --set need none",
        });
  if (options.format === "json") return void io.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
  if (options.format === "ndjson") return void io.stdout.write(`${JSON.stringify(explanation)}\n`);
  const { text } = explanation.recovery;
  const recovery = text === "" ? "" : `${printable(text)}\n`;
  io.stdout.write(`${printable(explanation.why)}\n${recovery}${needLines(explanation.needs, { levels: true })}`);
}

function imaginationNeedsConfig(): Exit {
  return new Exit(exits.usage, "--set imagines a plant and needs --config");
}

async function imagineOne(id: string, { config, set }: ExplainOptions): Promise<Explanation> {
  if (config === undefined) throw imaginationNeedsConfig();
  const { view, services, treeOf, recoveryOf } = await imagined(config, set);
  known(services, id);
  const found = view.services[id];
  if (found === undefined) throw new Exit(exits.usage, `there is no service ${JSON.stringify(id)}`);
  return { id, ...found, recovery: recoveryOf(id), needs: treeOf(id) };
}

/** A plant in which assets stand as set. */
async function imagined(path: string, set: Settings) {
  const { loadConfig } = await import("../config/load.ts");
  const { compileGraph } = await import("../collector/services/graph.ts");
  const { imagine, UnknownAssetError, unknownAsset, whatIf } = await import("../collector/services/what-if.ts");
  const { recoveryView } = await import("../collector/services/recovery.ts");
  const { impactIfFails } = await import("../collector/services/impact.ts");
  const { compileWays } = await import("../collector/services/reach.ts");
  const { needTree } = await import("../collector/services/tree.ts");
  const { weightsOf } = await import("../collector/services/weight.ts");
  const config = loadConfig(path);
  const graph = compileGraph(config);
  try {
    const scene = imagine(graph, config, set);
    const treeOf = (id: string): readonly NeedView[] => {
      const service = graph.serviceOf.get(id);
      return service === undefined ? [] : needTree(scene, service, weightsOf(config));
    };
    const recoveryOf = (id: string): RecoveryView => {
      const service = graph.serviceOf.get(id);
      return service === undefined ? { sets: [], text: "" } : recoveryView(scene, service);
    };
    const impactOf = (id: string): ImpactView => {
      const asset = graph.index.indexOf(id);
      if (asset === undefined) throw new Exit(exits.usage, unknownAsset(config, id).message);
      return impactIfFails(scene, compileWays(config.assets, graph.index), asset);
    };
    const services = graph.services.map(({ id }) => ({ id, name: config.services[id]?.name ?? id }));
    return { view: whatIf(graph, config, set), services, treeOf, recoveryOf, impactOf };
  } catch (error) {
    if (error instanceof UnknownAssetError) throw new Exit(exits.usage, error.message, { cause: error });
    throw error;
  }
}

function known<S extends { readonly id: string }>(services: readonly S[], id: string): S {
  const found = services.find((service) => service.id === id);
  if (found !== undefined) return found;
  const ids = services.map((service) => service.id);
  throw new Exit(exits.usage, `there is no service ${JSON.stringify(id)}${didYouMean(id, ids)}; there are ${choiceList(ids)}`);
}
