import { byText } from "../../core/order.ts";
import type { LinkWitness, ViaSuggestion } from "../../core/topology-view.ts";
import { type Survey, type SurveyedAsset, type SurveyInput, surveyOf } from "./survey.ts";

/** What an asset hangs on. */
interface Hold {
  readonly on: string;
  readonly port: string;
  readonly by: readonly LinkWitness[];
}

/**
 * What `via` of assets without one might be. Only ends are spoken of: of two switches the tables do not tell which is nearer to the
 * agent. An asset that hangs on two switches, or on a port that several devices share with switches among them, is left alone. Taken
 * together with each other and with config, suggestions make no cycle.
 */
export function suggestVia({ assets, topologies }: SurveyInput): ViaSuggestion[] {
  return suggestionsOf(surveyOf({ assets, topologies }), assets);
}

/** As suggestVia, of a survey that is there already. */
export function suggestionsOf(survey: Survey, assets: Readonly<Record<string, SurveyedAsset>>): ViaSuggestion[] {
  const reach = new Reach(assets);
  const found: ViaSuggestion[] = [];
  for (const asset of Object.keys(assets).sort(byText)) {
    if (survey.switches.has(asset) || survey.local.has(asset) || (assets[asset]?.via.length ?? 0) > 0) continue;
    const hold = holdOf(asset, survey);
    if (hold === undefined || reach.leadsTo(hold.on, asset)) continue;
    reach.add(asset, hold.on);
    found.push({ asset, via: [hold.on], port: hold.port, reason: reasonOf(asset, hold) });
  }
  return found;
}

/** The one switch that an asset hangs on; undefined where there is none, or more than one. */
function holdOf(asset: string, { spoken, places, switches }: Survey): Hold | undefined {
  const links = spoken.filter(({ ends }) => ends.some((end) => end.asset === asset));
  const holds = links.map(({ ends: [a, b], by }): Hold => {
    const other = a.asset === asset ? b : a;
    return { on: other.asset, port: other.port, by };
  });
  const learnt = (places.get(asset) ?? []).map(({ asset: on, port }): Hold => ({ on, port, by: ["forwarding"] }));
  const all = [...holds, ...learnt];
  const [best] = holds.length > 0 ? holds : learnt;
  if (best === undefined || all.some(({ on }) => on !== best.on) || !switches.has(best.on)) return undefined;
  return holds.length > 0 || learnt.length === 1 ? best : undefined;
}

function reasonOf(asset: string, { on, port, by }: Hold): string {
  const at = port === "" ? on : `port ${port} of ${on}`;
  if (by[0] === "forwarding") return `the MAC address of ${asset} is learnt on ${at} and on no other access port`;
  return `${by.map((one) => one.toUpperCase()).join(" and ")} ${by.length > 1 ? "show" : "shows"} ${asset} on ${at}, and on no other switch`;
}

/** Who is reached through whom, by config and by what was suggested so far. */
class Reach {
  readonly #through: Map<string, Set<string>>;

  constructor(assets: Readonly<Record<string, SurveyedAsset>>) {
    this.#through = new Map(Object.entries(assets).map(([asset, { via }]) => [asset, new Set(via.flat())]));
  }

  add(asset: string, via: string): void {
    this.#through.set(asset, new Set([via]));
  }

  /** True when `from` is `to`, or reached through it. */
  leadsTo(from: string, to: string): boolean {
    const seen = new Set<string>();
    const next = [from];
    for (let one = next.pop(); one !== undefined; one = next.pop()) {
      if (one === to) return true;
      if (seen.has(one)) continue;
      seen.add(one);
      next.push(...(this.#through.get(one) ?? []));
    }
    return false;
  }
}
