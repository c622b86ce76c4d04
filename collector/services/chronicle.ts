import { type Facts, gatherFacts } from "../fact.ts";
import { causesOf, impactOf } from "./causes.ts";
import { type Graph, type GraphService, serviceAt } from "./graph.ts";
import { type Scene, shownLevel } from "./scene.ts";
import { SinceBook } from "./since.ts";

interface Options {
  readonly graph: Graph;
  /** What `takeDirty` gave before: of the last run, or of the plant that is taken over from. */
  readonly facts: ReadonlyMap<string, string>;
  /** ms since epoch: until then not knowing is the start's doing, and no news. */
  readonly settledAt: number;
  /** The plant as it stands. */
  readonly scene: () => Scene;
}

/** What is news of assets and services, and since when each is as it is. */
export class Chronicle {
  readonly #graph: Graph;
  readonly #scene: () => Scene;
  readonly #sinceService: SinceBook;
  readonly #sinceAsset: SinceBook;
  readonly #causes = new Map<number, string>();
  #assets = new Set<number>();
  #services = new Set<GraphService>();

  constructor({ graph, facts, settledAt, scene }: Options) {
    this.#graph = graph;
    this.#scene = scene;
    this.#sinceService = new SinceBook("plant/service/", facts, settledAt);
    this.#sinceAsset = new SinceBook("plant/asset/", facts, settledAt);
  }

  /** Since when a node has its level, ms since epoch; null where nobody knows. */
  since(node: number): number | null {
    if (node < this.#graph.index.size) return this.#sinceAsset.since(this.#graph.index.idOf(node));
    const service = serviceAt(this.#graph, node);
    return service === undefined ? null : this.#sinceService.since(service.id);
  }

  noteAsset(asset: number, now: number): void {
    this.#sinceAsset.note(this.#graph.index.idOf(asset), shownLevel(this.#scene(), asset).level, now);
    this.#assets.add(asset);
  }

  noteService(service: GraphService, now: number): void {
    this.#sinceService.note(service.id, shownLevel(this.#scene(), service.node).level, now);
    this.#services.add(service);
  }

  /** Something about an asset is to be told, though its level may be what it was. */
  touchAsset(asset: number): void {
    this.#assets.add(asset);
  }

  /** A service that is hurt by something else than before is news, even at the same level. */
  noteCauses(leaves: ReadonlySet<number>): void {
    for (const service of impactOf(this.#graph, leaves)) {
      // By leaf, not by asset: a second fault of the same machine is another reason.
      const causes = causesOf(this.#graph, this.#scene().levels, service.node)
        .map(({ leaf }) => leaf)
        .join(" ");
      if ((this.#causes.get(service.node) ?? "") === causes) continue;
      this.#causes.set(service.node, causes);
      this.#services.add(service);
    }
  }

  /** What is news since the last call. */
  take(): { readonly assets: ReadonlySet<number>; readonly services: ReadonlySet<GraphService> } {
    const news = { assets: this.#assets, services: this.#services };
    this.#assets = new Set();
    this.#services = new Set();
    return news;
  }

  /** Facts that changed since the last call. */
  takeDirty(): Facts {
    return gatherFacts(this.#sinceAsset.takeDirty(), this.#sinceService.takeDirty());
  }
}
