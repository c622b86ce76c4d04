import type { JSX } from "preact";
import type { IncidentView } from "../core/incident-view.ts";
import { Since } from "./age.tsx";
import { AcknowledgeIncident } from "./incident-ack.tsx";
import { LevelMark } from "./level.tsx";
import { AssetLink, LinkList, ServiceLink } from "./links.tsx";
import { levelOrder, levelText } from "./order.ts";
import { paths } from "./route.ts";
import type { Plant } from "./store.ts";

/** Parts that one line names; its page names all. */
const named = 4;

/** Open incidents, the worst first, then the newest: what people are told about. Nothing while there is none. */
export function IncidentList({ plant }: { readonly plant: Plant }): JSX.Element | null {
  if (plant.incidents.size === 0) return null;
  return (
    <section aria-labelledby="incidents">
      <h2 id="incidents">
        {plant.incidents.size === 1 ? "Incident" : `${plant.incidents.size} incidents`} <a href="/incidents">all, also past ones</a>
      </h2>
      <OpenIncidents plant={plant} />
    </section>
  );
}

/** The same without a heading. */
export function OpenIncidents({ plant }: { readonly plant: Plant }): JSX.Element {
  const incidents = [...plant.incidents.values()].sort(
    (a, b) => levelOrder.indexOf(a.level) - levelOrder.indexOf(b.level) || b.opened - a.opened || (a.id < b.id ? 1 : -1),
  );
  return (
    <ul class="cards">
      {incidents.map((incident) => (
        <li key={incident.id}>
          <Incident plant={plant} incident={incident} />
        </li>
      ))}
    </ul>
  );
}

function Incident({ plant, incident }: { plant: Plant; incident: IncidentView }): JSX.Element {
  const { id, level, title, services, causes, opened } = incident;
  const hurt = services.filter((service) => service.level !== "ok").map((service) => service.id);
  return (
    <article class={`card incident edge-${level}`}>
      <div>
        <h3>
          <LevelMark level={level} /> <span class="hidden">{levelText[level]}: </span>
          <a href={paths.incident(id)}>{title}</a>
        </h3>
        <p class="card-level quiet">
          <Since time={opened} /> <Marks incident={incident} />
        </p>
      </div>
      <div class="card-parts">
        <Parts name="Cause" ids={causes} more={paths.incident(id)} link={(asset) => <AssetLink key={asset} plant={plant} id={asset} />} />
        <Parts
          name="Hurts"
          ids={hurt}
          more={paths.incident(id)}
          link={(service) => <ServiceLink key={service} plant={plant} id={service} />}
        />
      </div>
      <AcknowledgeIncident incident={incident} />
    </article>
  );
}

/** What else there is to know at a glance: planned, not seen through, in somebody's hand. */
export function Marks({ incident: { planned, blind, ack } }: { readonly incident: IncidentView }): JSX.Element {
  const marks = [
    ...(planned ? ["planned work"] : []),
    ...(blind ? ["visibility lost"] : []),
    ...(ack === null ? [] : [`acknowledged by ${ack.by}`]),
  ];
  return <span>{marks.join(" · ")}</span>;
}

interface PartsProps {
  readonly name: string;
  readonly ids: readonly string[];
  /** Where all of them are named. */
  readonly more: string;
  readonly link: (id: string) => JSX.Element;
}

function Parts({ name, ids, more, link }: PartsProps): JSX.Element | null {
  if (ids.length === 0) return null;
  const left = ids.length - named;
  const rest = (
    <a key="more" href={more}>
      and {left} more
    </a>
  );
  return (
    <div class="causes">
      <span class="quiet">{name}</span>
      <LinkList>{[...ids.slice(0, named).map(link), ...(left > 0 ? [rest] : [])]}</LinkList>
    </div>
  );
}
