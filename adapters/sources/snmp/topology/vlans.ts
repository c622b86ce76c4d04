import { SourceError } from "../../../../core/errors.ts";
import { arcsOf, wholeOf } from "./identifiers.ts";
import type { readBridge } from "./reading.ts";
import type { BridgeTables, RawTables } from "./tables.ts";

/** vtpVlanState. */
const operational = 1;
/** The one that is read without its number, and those of token ring and FDDI. */
const defaultVlan = 1;
const legacy = { from: 1002, to: 1005 } as const;
/** Most of them that are read at a look. */
const mostVlans = 128;
/** So many in a row that do not answer: the device has no tables behind a VLAN's number, or not for us. */
const mostFailures = 3;

/** VLANs of which the device keeps a forwarding table each (CISCO-VTP-MIB); none where Q-BRIDGE-MIB tells of all. */
export function vlansApart(raw: Pick<RawTables, "vlans" | "vlanForwarding">): readonly number[] {
  if (raw.vlanForwarding.size > 0) return [];
  const numbers = [...raw.vlans].filter(([, { state }]) => wholeOf(state) === operational).map(([index]) => arcsOf(index).at(-1) ?? 0);
  const apart = numbers.filter((vlan) => vlan > defaultVlan && (vlan < legacy.from || vlan > legacy.to));
  return [...new Set(apart)].sort((a, b) => a - b);
}

/** Reads one VLAN's bridge. Rejects with SourceError. */
export type AskVlan = (vlan: number) => ReturnType<typeof readBridge>;

/** Adds the forwarding table of each VLAN that has one of its own. What could not be read makes the whole partial. */
export async function withVlans(raw: RawTables, ask: AskVlan): Promise<RawTables> {
  const apart = vlansApart(raw);
  const bridges: BridgeTables[] = [];
  let whole = apart.length <= mostVlans;
  let failures = 0;
  for (const vlan of apart.slice(0, mostVlans)) {
    try {
      const { bridge, partial } = await ask(vlan);
      bridges.push(bridge);
      failures = 0;
      whole &&= partial.length === 0;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      whole = false;
      if (++failures === mostFailures) break;
    }
  }
  return { ...raw, bridges, partial: whole ? raw.partial : [...raw.partial, "forwarding"] };
}
