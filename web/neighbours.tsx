import type { JSX } from "preact";
import type { LinkView, NeighboursView, NeighbourView, PortView, ViaSuggestion } from "../core/topology-view.ts";
import { AssetLink } from "./links.tsx";
import { useRemote } from "./remote.ts";
import type { Plant } from "./store.ts";
import { TableHead } from "./table-head.tsx";

const shown = 60;
const witnessNames: Readonly<Record<string, string>> = { lldp: "LLDP", cdp: "CDP", forwarding: "forwarding table" };

/** What hangs on the asset's ports, what it hangs on itself, and what its `via` might be; nothing where nobody tells. */
export function Neighbours({ plant, id }: { readonly plant: Plant; readonly id: string }): JSX.Element | null {
  const { data } = useRemote<NeighboursView>(`/api/v1/assets/${encodeURIComponent(id)}/neighbours`, 0, 60_000);
  if (data === undefined) return null;
  const rows = data.ports.flatMap(rowsOf);
  const known = new Set(rows.flatMap(({ asset }) => asset ?? []));
  const others = data.links.map((link) => fromOthers(link, id)).filter((row) => row.asset !== null && !known.has(row.asset));
  const all = [...others, ...rows];
  if (all.length === 0) return null;
  return (
    <section aria-labelledby="neighbours">
      <h2 id="neighbours">Neighbours</h2>
      {data.suggestion === null ? null : <Hint suggestion={data.suggestion} />}
      <table>
        <TableHead columns={["Port", "Neighbour", ["Seen by", "middling"], ["Its addresses", "wide"]]} />
        <tbody>
          {all.slice(0, shown).map((row, i) => (
            <NeighbourRow key={`${row.port} ${i}`} row={row} plant={plant} />
          ))}
        </tbody>
      </table>
      {all.length > shown ? <p class="quiet">{`and ${all.length - shown} more: /api/v1/assets/${id}/neighbours`}</p> : null}
    </section>
  );
}

/** A line to copy. Nothing takes it over by itself. */
function Hint({ suggestion: { via, reason } }: { suggestion: ViaSuggestion }): JSX.Element {
  return (
    <p class="hint">
      {`${reason.charAt(0).toUpperCase()}${reason.slice(1)}. `}
      <span class="quiet">A line for its config:</span> <code class="line">{`via: [${via[0]}]`}</code>
    </p>
  );
}

/** One line of the table: somebody on a port. */
interface Row {
  readonly port: string;
  readonly asset: string | null;
  /** What it is called where it is no asset. */
  readonly name: string;
  /** Its own port, what it is, how many addresses. */
  readonly notes: readonly string[];
  readonly by: readonly string[];
  readonly addresses: readonly string[];
}

function NeighbourRow({ row, plant }: { row: Row; plant: Plant }): JSX.Element {
  const by = row.by.map((one) => witnessNames[one] ?? one).join(", ");
  return (
    <tr>
      <td>{row.port === "" ? <span class="quiet">–</span> : row.port}</td>
      <td>
        {row.asset === null ? row.name : <AssetLink plant={plant} id={row.asset} />} <span class="quiet">{row.notes.join(" · ")}</span>
        <div class="small quiet only-narrow">{by}</div>
      </td>
      <td class="middling quiet">{by}</td>
      <td class="wide">
        <code class="quiet">{row.addresses.join(" ")}</code>
      </td>
    </tr>
  );
}

/** Who told of itself on a port; where nobody did, what was learnt there. */
function rowsOf({ port, neighbours, learnt, stations }: PortView): Row[] {
  const told = new Map<string, NeighbourView[]>();
  for (const one of neighbours) {
    const key = one.asset ?? (one.system || one.chassis);
    told.set(key, [...(told.get(key) ?? []), one]);
  }
  if (told.size > 0) return [...told.values()].map((same) => toldRow(port, same));
  if (stations.length === 0)
    return [{ port, asset: null, name: `${learnt} addresses`, notes: ["leads on to others"], by: ["forwarding"], addresses: [] }];
  return stations.map(({ mac, addresses, asset }) => ({
    port,
    asset,
    name: mac,
    notes: asset === null ? [] : [mac],
    by: ["forwarding"],
    addresses,
  }));
}

/** What several protocols tell of one neighbour. */
function toldRow(port: string, same: readonly NeighbourView[]): Row {
  const [first] = same;
  const each = (of: (one: NeighbourView) => readonly string[]): string[] => [...new Set(same.flatMap(of).filter((text) => text !== ""))];
  const notes = [...each((one) => [one.port]).slice(0, 1), ...each((one) => [one.platform]).slice(0, 1), ...each((one) => one.roles)];
  const [name = "nameless"] = each((one) => [one.system, one.chassis]);
  return {
    port,
    asset: first?.asset ?? null,
    name,
    notes,
    by: each((one) => [one.protocol]),
    addresses: each((one) => [one.chassis, ...one.addresses]),
  };
}

/** A link that another asset tells of. */
function fromOthers({ ends: [a, b], by }: LinkView, id: string): Row {
  const [own, other] = a.asset === id ? [a, b] : [b, a];
  return {
    port: own.port,
    asset: other.asset,
    name: other.asset,
    notes: other.port === "" ? [] : [`port ${other.port}`],
    by,
    addresses: [],
  };
}
