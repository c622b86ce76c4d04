import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { AssetView } from "../../core/asset-view.ts";
import { clauseOf } from "../../core/reason.ts";
import { Age } from "../age.tsx";
import { labelTexts, matches } from "../find.ts";
import { LevelBadge } from "../level.tsx";
import { useLimited } from "../limit.tsx";
import { LabelList } from "../links.tsx";
import { assetSummary, worstFirst } from "../order.ts";
import { useRemote } from "../remote.ts";
import { paths } from "../route.ts";
import type { Plant } from "../store.ts";
import { TableHead } from "../table-head.tsx";

const many = 500;

/** Every asset: level, place, and whether its sources deliver. */
export function AssetsPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const [filter, setFilter] = useState("");
  const [abnormalOnly, setAbnormalOnly] = useState(false);
  // Levels come by events; when a source was heard last does not. Thousands of them are not asked for every few seconds.
  const { data } = useRemote<{ assets: AssetView[] }>("/api/v1/assets", 0, plant.assets.size > many ? 30_000 : 5000);
  const heard = useMemo(() => new Map(data?.assets.map((asset) => [asset.id, asset])), [data]);
  const assets = useMemo(() => worstFirst(plant.assets.values()), [plant.assets]);
  const found = assets.filter(
    (asset) =>
      matches([asset.id, asset.name, asset.at, ...labelTexts(asset.labels)], filter) && !(abnormalOnly && asset.level === "ok" && asset.up),
  );
  const { shown, more } = useLimited(found, "assets");
  return (
    <>
      <header class="page-head">
        <h1>Assets</h1>
        <p class="quiet">{assetSummary(assets)}</p>
      </header>
      <div class="filters">
        <label>
          <span>Find</span>
          <input type="search" value={filter} placeholder="name, place, label" onInput={(event) => setFilter(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={abnormalOnly} onChange={(event) => setAbnormalOnly(event.currentTarget.checked)} />
          <span>Abnormal only</span>
        </label>
        <span class="quiet">{found.length === assets.length ? "" : `${found.length} of ${assets.length}`}</span>
      </div>
      <table>
        <TableHead columns={["Level", "Asset", ["Place", "wide"], "Sources", ["Heard", "number"]]} />
        <tbody>
          {shown.map((asset) => (
            <AssetRow key={asset.id} asset={asset} sources={heard.get(asset.id)?.sources ?? asset.sources} />
          ))}
        </tbody>
      </table>
      {more}
      {found.length === 0 ? <p class="quiet">{assets.length === 0 ? "No assets are configured." : "No asset matches."}</p> : null}
    </>
  );
}

function AssetRow({ asset, sources }: { asset: AssetView; sources: AssetView["sources"] }): JSX.Element {
  const heard = Math.max(0, ...sources.map((source) => source.last_ok ?? 0));
  return (
    <tr>
      <td>
        <LevelBadge level={asset.level} />
      </td>
      <td>
        <a href={paths.asset(asset.id)} title={asset.id}>
          {asset.name}
        </a>
        <div class="small quiet narrow">{asset.at}</div>
        {asset.level === "ok" || asset.why === "" ? (
          <div class="small">{<LabelList labels={asset.labels} />}</div>
        ) : (
          <div class="small">{clauseOf(asset)}</div>
        )}
      </td>
      <td class="wide">{asset.at}</td>
      <td>
        {sources.map((source) => (
          <div key={`${source.protocol} ${source.target}`}>
            <span class="protocol">{source.protocol.toUpperCase()}</span>{" "}
            <span class={source.state === "up" ? "quiet" : "text-unknown"}>{source.state}</span>
            {source.reason === "" ? null : <div class="small reason">{source.reason}</div>}
          </div>
        ))}
      </td>
      <td class="number">
        <Age time={heard} />
      </td>
    </tr>
  );
}
