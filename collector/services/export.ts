import type { Config } from "../../config/schema.ts";
import type { Need } from "../../config/services.ts";
import { type Graph, serviceAt } from "./graph.ts";
import { membersOf, needLine } from "./tally.ts";

/** The graph of services for other programs: assets, services, the groups between them, and what is reached through what. */
export interface GraphExport {
  readonly nodes: readonly {
    readonly id: string;
    readonly kind: "service" | "asset" | "metric" | "members" | "parts" | "sum";
    readonly name: string;
  }[];
  /** `needs` goes from who needs to what is needed, `via` from an asset to what it is reached through. */
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly kind: "needs" | "via";
    /** The worst that it can do, where that is not critical. */
    readonly worst?: Need["worst"];
  }[];
}

/** Ids: `service:ID`, `asset:ID`, and `need:SERVICE:N` for a group, a sum or a metric. Assets that nobody needs are left out unless `via` names them. */
export function exportGraph(graph: Graph, config: Pick<Config, "assets" | "services">): GraphExport {
  const nodes = new Map<string, GraphExport["nodes"][number]>();
  const edges: GraphExport["edges"][number][] = [];
  const asset = (id: string): string => {
    const key = `asset:${id}`;
    if (!nodes.has(key)) nodes.set(key, { id: key, kind: "asset", name: config.assets[id]?.name ?? id });
    return key;
  };
  const names = {
    assetName: (index: number) => config.assets[graph.index.idOf(index)]?.name ?? graph.index.idOf(index),
    nameOf: (id: string) => config.services[id]?.name ?? id,
    graph,
  };
  for (const { id } of graph.services) nodes.set(`service:${id}`, { id: `service:${id}`, kind: "service", name: names.nameOf(id) });
  for (const { id, needs } of graph.services) {
    for (const [i, line] of needs.entries()) {
      const { need, node } = line;
      const from = `service:${id}`;
      const worst = need.worst === "critical" ? {} : { worst: need.worst };
      if (need.kind === "service" || need.kind === "asset") {
        const to = need.kind === "service" ? `service:${need.service}` : asset(need.asset);
        edges.push({ from, to, kind: "needs", ...worst });
        continue;
      }
      const key = `need:${id}:${i}`;
      nodes.set(key, { id: key, kind: need.kind, name: needLine(line, names) });
      edges.push({ from, to: key, kind: "needs", ...worst });
      const below = need.kind === "metric" ? [graph.index.indexOf(need.asset) ?? -1] : membersOf(graph, node);
      for (const one of below) {
        const service = serviceAt(graph, one);
        edges.push({ from: key, to: service === undefined ? asset(graph.index.idOf(one)) : `service:${service.id}`, kind: "needs" });
      }
    }
  }
  for (const [id, { via }] of Object.entries(config.assets)) {
    for (const parent of new Set(via.flat())) edges.push({ from: asset(id), to: asset(parent), kind: "via" });
  }
  return { nodes: [...nodes.values()], edges };
}

const shapes = { service: "box", asset: "ellipse", metric: "hexagon", members: "diamond", parts: "diamond", sum: "diamond" } as const;

/** Graphviz. */
export function dotText({ nodes, edges }: GraphExport): string {
  const lines = [
    ...nodes.map(({ id, kind, name }) => `  ${dotQuoted(id)} [label=${dotQuoted(name)}, shape=${shapes[kind]}]`),
    ...edges.map(({ from, to, kind, worst }) => {
      const label = worst === undefined ? [] : [`label=${dotQuoted(`at worst ${worst}`)}`];
      const style = kind === "via" ? ["style=dashed"] : [];
      const all = [...label, ...style].join(", ");
      return `  ${dotQuoted(from)} -> ${dotQuoted(to)}${all === "" ? "" : ` [${all}]`}`;
    }),
  ];
  return `digraph millwright {\n  rankdir=LR\n${lines.join("\n")}\n}\n`;
}

function dotQuoted(text: string): string {
  return `"${text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replace(/\p{Cc}/gu, " ")}"`;
}

const brackets = {
  service: ["[", "]"],
  asset: ["([", "])"],
  metric: ["{{", "}}"],
  members: ["{", "}"],
  parts: ["{", "}"],
  sum: ["{", "}"],
} as const;

/** Mermaid flowchart, as Markdown pages show it. */
export function mermaidText({ nodes, edges }: GraphExport): string {
  const short = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const lines = [
    ...nodes.map(({ id, kind, name }) => `  ${short.get(id)}${brackets[kind][0]}"${mermaidSafe(name)}"${brackets[kind][1]}`),
    ...edges.map(({ from, to, kind, worst }) => {
      const arrow = kind === "via" ? "-.->" : worst === undefined ? "-->" : `-->|at worst ${worst}|`;
      return `  ${short.get(from)} ${arrow} ${short.get(to)}`;
    }),
  ];
  return `flowchart LR\n${lines.join("\n")}\n`;
}

/** Entities are the escape that Mermaid has. */
function mermaidSafe(text: string): string {
  return text.replace(/[^\p{L}\p{N} ,.:/°%=>()_-]/gu, (char) => `#${char.codePointAt(0)};`);
}
