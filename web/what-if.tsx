import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { NeedView, WhatIfView } from "../core/service-view.ts";
import { LevelBadge } from "./level.tsx";
import { AssetLink, LinkList, ServiceLink } from "./links.tsx";
import { useRemote } from "./remote.ts";
import type { Plant } from "./store.ts";

const states = ["ok", "warning", "major", "critical", "unknown", "maintenance"] as const;
type State = (typeof states)[number];

/** Ids of the assets below a service, in the order of its tree, each once. A metric's line begins with its asset. */
function assetsBelow(needs: readonly NeedView[]): readonly string[] {
  const found = needs.flatMap(({ kind, id, children }) => {
    const own = kind === "asset" ? [id] : kind === "metric" ? [id.split(" ", 1)[0] ?? id] : [];
    return [...own, ...assetsBelow(children)];
  });
  return [...new Set(found)];
}

/** Lets people imagine how assets stand, and shows what would become of the service; nothing is changed. */
export function WhatIf({
  plant,
  id,
  needs,
}: {
  readonly plant: Plant;
  readonly id: string;
  readonly needs: readonly NeedView[];
}): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="what-if" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What if…</summary>
      {open ? <Imagined plant={plant} id={id} assets={assetsBelow(needs)} /> : null}
    </details>
  );
}

function Imagined({ plant, id, assets }: { plant: Plant; id: string; assets: readonly string[] }): JSX.Element {
  const [set, change] = useState<ReadonlyMap<string, State>>(new Map());
  const choose = (asset: string, state: State): void => {
    const next = new Map(set);
    if (state === "ok") next.delete(asset);
    else next.set(asset, state);
    change(next);
  };
  return (
    <>
      <p class="quiet">Pick how these assets stand; all others are taken as ok. Nothing is changed.</p>
      <ul class="choices">
        {assets.map((asset) => (
          <li key={asset}>
            <label>
              <select value={set.get(asset) ?? "ok"} onChange={(event) => choose(asset, event.currentTarget.value as State)}>
                {states.map((state) => (
                  <option key={state} value={state}>
                    {state}
                  </option>
                ))}
              </select>{" "}
              {plant.assets.get(asset)?.name ?? asset}
            </label>
          </li>
        ))}
      </ul>
      <Outcome plant={plant} id={id} set={set} />
    </>
  );
}

function Outcome({ plant, id, set }: { plant: Plant; id: string; set: ReadonlyMap<string, State> }): JSX.Element {
  const pairs = [...set].map(([asset, state]) => `${asset}=${state}`).join(",");
  const { data, error } = useRemote<WhatIfView>(`/api/v1/services/${encodeURIComponent(id)}/what-if?set=${encodeURIComponent(pairs)}`, 0);
  const found = data?.services[id];
  if (found === undefined) return <p class="quiet">{error === undefined ? "Asking…" : error.message}</p>;
  const felt = Object.entries(data?.services ?? {}).filter(([service, { level }]) => service !== id && level !== "ok");
  return (
    <div role="status">
      <p class="headline">
        <LevelBadge level={found.level} low={found.low} high={found.high} />
      </p>
      <p class={`sentence edge-${found.level}`}>{found.why === "" ? "All it needs is ok" : found.why}</p>
      {found.causes.length === 0 ? null : (
        <>
          <h3>Cause</h3>
          <LinkList>
            {found.causes.map((cause) => (
              <AssetLink key={cause} plant={plant} id={cause} />
            ))}
          </LinkList>
        </>
      )}
      {felt.length === 0 ? null : (
        <>
          <h3>Also felt by</h3>
          <Felt plant={plant} services={felt} />
        </>
      )}
    </div>
  );
}

type Imagination = WhatIfView["services"][string];

function Felt({ plant, services }: { plant: Plant; services: readonly (readonly [string, Imagination])[] }): JSX.Element {
  return (
    <ul class="reasons">
      {services.map(([service, { level, low, high, why }]) => (
        <li key={service}>
          <LevelBadge level={level} low={low} high={high} /> <ServiceLink plant={plant} id={service} /> <span class="quiet">{why}</span>
        </li>
      ))}
    </ul>
  );
}

/** What would become of services if this asset stood otherwise and all others were ok; nothing is changed. */
export function AssetWhatIf({ plant, id }: { readonly plant: Plant; readonly id: string }): JSX.Element {
  const [state, setState] = useState<State | undefined>(undefined);
  const name = plant.assets.get(id)?.name ?? id;
  return (
    <details class="what-if">
      <summary>What if…</summary>
      <p>
        <label>
          {name} were{" "}
          <select value={state ?? ""} onChange={(event) => setState(states.find((one) => one === event.currentTarget.value))}>
            <option value="">…</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>{" "}
        <span class="quiet">and all others ok? Nothing is changed.</span>
      </p>
      {state === undefined ? null : <AssetOutcome plant={plant} id={id} state={state} />}
    </details>
  );
}

function AssetOutcome({ plant, id, state }: { plant: Plant; id: string; state: State }): JSX.Element {
  const { data, error } = useRemote<WhatIfView>(`/api/v1/what-if?set=${encodeURIComponent(`${id}=${state}`)}`, 0);
  if (data === undefined) return <p class="quiet">{error === undefined ? "Asking…" : error.message}</p>;
  const felt = Object.entries(data.services).filter(([, { level }]) => level !== "ok");
  return <div role="status">{felt.length === 0 ? <p>No service would feel it.</p> : <Felt plant={plant} services={felt} />}</div>;
}
