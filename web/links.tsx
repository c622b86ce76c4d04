import type { JSX } from "preact";
import type { AssetView } from "../core/asset-view.ts";
import type { ServiceView } from "../core/service-view.ts";
import { LevelMark } from "./level.tsx";
import { levelText } from "./order.ts";
import { paths } from "./route.ts";
import type { Plant } from "./store.ts";

/** A link to an asset, with its level's mark; also for an id that no asset has any more. */
export function AssetLink({ plant, id }: { readonly plant: Plant; readonly id: string }): JSX.Element {
  return <PartLink href={paths.asset(id)} part={plant.assets.get(id)} id={id} />;
}

export function ServiceLink({ plant, id }: { readonly plant: Plant; readonly id: string }): JSX.Element {
  return <PartLink href={paths.service(id)} part={plant.services.get(id)} id={id} />;
}

function PartLink({ href, part, id }: { href: string; part: AssetView | ServiceView | undefined; id: string }): JSX.Element {
  return (
    <a class="part" href={href} title={id}>
      {part === undefined ? null : <LevelMark level={part.level} />}
      <span>{part?.name ?? id}</span>
      {part === undefined ? null : <span class="hidden">({levelText[part.level]})</span>}
    </a>
  );
}

/** Links in a row. */
export function LinkList({ children }: { readonly children: readonly JSX.Element[] }): JSX.Element {
  return (
    <ul class="parts">
      {children.map((child) => (
        <li key={child.key}>{child}</li>
      ))}
    </ul>
  );
}

/** Labels of a series or an asset: `sensor=bearing line=3`. */
export function LabelList({ labels }: { readonly labels: Readonly<Record<string, string>> }): JSX.Element | null {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <span class="labels">
      {entries.map(([name, value]) => (
        <span class="label" key={name}>
          <span class="quiet">{name}=</span>
          {value}
        </span>
      ))}
    </span>
  );
}
