import { type AdapterOptions, type SourceSpecs, sourceLoaders } from "../adapters/sources/list.ts";
import { assetsOf } from "../config/agents.ts";
import type { AssetConfig } from "../config/assets.ts";
import type { Config } from "../config/schema.ts";
import { SourceError } from "../core/errors.ts";
import type { Protocol, Source, SourceAdapter, SourceContext } from "../core/source.ts";
import type { SourcePlan } from "./runner.ts";

/** Every source that an agent reads by its config; `spec` says whether a reload changed it. */
export interface PlannedSource extends SourcePlan {
  readonly spec: unknown;
  /** How many series there are, where the config says so: a listener that has heard them all has heard everything. */
  readonly seriesExpected: number | undefined;
}

/** The sources of one asset, made by adapters of the shelf. */
export function planSources(config: Config, asset: string, shelf: AdapterShelf): readonly PlannedSource[] {
  const found = config.assets[asset];
  return found === undefined ? [] : planAsset({ config, asset, found, shelf });
}

/** Ids of the assets that this agent reads. */
export function ownAssets(config: Config, agent: string): readonly string[] {
  return assetsOf(config, agent);
}

interface Planning {
  readonly config: Config;
  readonly asset: string;
  readonly found: AssetConfig;
  readonly shelf: AdapterShelf;
}

function planAsset({ config, asset, found, shelf }: Planning): PlannedSource[] {
  const { snmp, modbus, mqtt } = found;
  const plans: PlannedSource[] = [];
  const plan = <P extends Protocol>(protocol: P, everyMs: number, spec: SourceSpecs[P]): void => {
    const create = (context: SourceContext): Promise<Source> => shelf.source(protocol, spec, context);
    plans.push({ asset, protocol, everyMs, spec, create, seriesExpected: protocol === "mqtt" ? seriesOf(found) : undefined });
  };
  if (snmp !== undefined) plan("snmp", snmp.every, snmp);
  if (modbus !== undefined) plan("modbus", modbus.every, modbus);
  if (mqtt === undefined) return plans;
  const broker = config.brokers[mqtt.broker];
  if (broker !== undefined) plan("mqtt", mqtt.every, { mqtt, broker, brokerId: mqtt.broker });
  else plans.push({ asset, protocol: "mqtt", everyMs: mqtt.every, spec: mqtt, create: noBroker(mqtt.broker), seriesExpected: undefined });
  return plans;
}

function noBroker(id: string): () => never {
  return () => {
    throw new SourceError("config", `broker ${id}: the config has no such broker`);
  };
}

/** One series per metric of topics that are one topic each; unknown with patterns. */
function seriesOf({ mqtt }: AssetConfig): number | undefined {
  if (mqtt === undefined || mqtt.sparkplug !== undefined) return undefined;
  if (mqtt.topics.some(({ topic }) => /[{+#]/.test(topic))) return undefined;
  return mqtt.topics.reduce((sum, { metrics }) => sum + Object.keys(metrics).length, 0);
}

type AnyAdapter = SourceAdapter<never>;

/** Adapters by protocol, each loaded when the first asset needs it. */
export class AdapterShelf {
  readonly #options: AdapterOptions;
  readonly #adapters = new Map<Protocol, Promise<AnyAdapter>>();

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  /** Rejects with what the adapter finds wrong with the spec. */
  async source<P extends Protocol>(protocol: P, spec: SourceSpecs[P], context: SourceContext): Promise<Source> {
    // One entry per protocol, put there by the loader of that protocol.
    const adapter = (await this.#adapter(protocol)) as unknown as SourceAdapter<SourceSpecs[P]>;
    return adapter.source(spec, context);
  }

  async close(): Promise<void> {
    const adapters = await Promise.all(this.#adapters.values());
    await Promise.all(adapters.map((adapter) => adapter.close()));
  }

  #adapter(protocol: Protocol): Promise<AnyAdapter> {
    const adapter: Promise<AnyAdapter> = this.#adapters.get(protocol) ?? sourceLoaders[protocol](this.#options);
    this.#adapters.set(protocol, adapter);
    return adapter;
  }
}
