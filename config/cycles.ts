import type { Finding } from "./check.ts";
import type { Path } from "./fault.ts";
import { servicesOf } from "./need-parts.ts";
import type { Content } from "./references.ts";

/** A thing that rests on another, and where the config says so. */
interface Edge {
  readonly to: string;
  readonly path: Path;
}

type Edges = ReadonlyMap<string, readonly Edge[]>;

/** Services that need themselves, and assets that are reached through themselves, over however many others. */
export function cycleFindings({ services, assets }: Content): Finding[] {
  const needs: Edges = new Map(
    Object.entries(services).map(([id, service]) => [
      id,
      service.needs.flatMap((need, i) => servicesOf(need).map((one) => ({ to: one.id, path: ["services", id, "needs", i, ...one.path] }))),
    ]),
  );
  const vias: Edges = new Map(
    Object.entries(assets).map(([id, asset]) => [
      id,
      asset.via.flatMap((group, i) => group.map((to, j) => ({ to, path: ["assets", id, "via", i, ...(group.length > 1 ? [j] : [])] }))),
    ]),
  );
  return [
    ...cycles(needs).map(({ path, text }): Finding => ({ path, spot: "value", message: `services need each other in a circle: ${text}` })),
    ...cycles(vias).map(
      ({ path, text }): Finding => ({ path, spot: "value", message: `assets are reached through each other in a circle: ${text}` }),
    ),
  ];
}

/** One finding for each edge that closes a circle in a walk over all. */
export function cycles(edges: Edges): { path: Path; text: string }[] {
  const found: { path: Path; text: string }[] = [];
  const done = new Set<string>();
  for (const start of edges.keys()) {
    if (done.has(start)) continue;
    // A stack of our own: a chain of thousands must not end the process.
    const way: { id: string; next: number }[] = [{ id: start, next: 0 }];
    const onWay = new Set([start]);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const edge = edges.get(top.id)?.[top.next++];
      if (edge === undefined) {
        done.add(top.id);
        onWay.delete(top.id);
        way.pop();
      } else if (onWay.has(edge.to)) {
        const circle = way.map((step) => step.id).slice(way.findIndex((step) => step.id === edge.to));
        found.push({ path: edge.path, text: [...circle, edge.to].join(" -> ") });
      } else if (!done.has(edge.to)) {
        way.push({ id: edge.to, next: 0 });
        onWay.add(edge.to);
      }
    }
  }
  return found;
}
