import { z } from "zod";
import type { BatchPreamble } from "../core/batch.ts";
import type { SourceStatus } from "../core/source.ts";
import { parseFact } from "./fact.ts";

const sourcePrefix = "source:";
const inventoryPrefix = "inventory:";

const status = z.object({
  asset: z.string(),
  protocol: z.enum(["snmp", "modbus", "mqtt"]),
  target: z.string(),
  state: z.enum(["starting", "up", "down"]),
  reason: z.string(),
  lastOk: z.number().nullable(),
});
const texts = z.record(z.string(), z.string());

type Facts = Readonly<Record<string, string>>;

/** What agents tell once and on change only: states of sources, and inventory. It has to outlive the process. */
export class Told {
  readonly #sources = new Map<string, SourceStatus>();
  readonly #inventory = new Map<string, Facts>();

  /** Takes up what `toldFacts` once gave. */
  constructor(facts: ReadonlyMap<string, string> = new Map()) {
    for (const [key, text] of facts) {
      if (key.startsWith(sourcePrefix)) {
        const found = status.safeParse(parseFact(text));
        if (found.success) this.#sources.set(key, found.data);
      } else if (key.startsWith(inventoryPrefix)) {
        const found = texts.safeParse(parseFact(text));
        if (found.success) this.#inventory.set(key.slice(inventoryPrefix.length), found.data);
      }
    }
  }

  take({ sources = [], inventory = [] }: BatchPreamble): void {
    for (const one of sources) this.#sources.set(sourceKey(one), one);
    for (const { asset, facts } of inventory) this.#inventory.set(asset, facts);
  }

  sources(): readonly SourceStatus[] {
    return [...this.#sources.values()];
  }

  inventory(asset: string): Facts {
    return this.#inventory.get(asset) ?? {};
  }

  /** Forgets what was told of assets that there are no more; returns the keys of its facts. */
  forget(isGone: (asset: string) => boolean): readonly string[] {
    const sources = [...this.#sources].flatMap(([key, { asset }]) => (isGone(asset) ? [key] : []));
    const inventory = [...this.#inventory.keys()].filter(isGone);
    for (const key of sources) this.#sources.delete(key);
    for (const asset of inventory) this.#inventory.delete(asset);
    return [...sources, ...inventory.map((asset) => inventoryPrefix + asset)];
  }
}

/** What a batch tells, as facts: they go into the transaction that moves its mark, for it is not told again. */
export function toldFacts({ sources = [], inventory = [] }: BatchPreamble): [key: string, text: string][] {
  return [
    ...sources.map((one): [string, string] => [sourceKey(one), JSON.stringify(one)]),
    ...inventory.map(({ asset, facts }): [string, string] => [inventoryPrefix + asset, JSON.stringify(facts)]),
  ];
}

function sourceKey({ asset, protocol }: SourceStatus): string {
  return `${sourcePrefix}${asset}/${protocol}`;
}
