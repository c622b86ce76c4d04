import type { JSX } from "preact";
import type { IncidentView } from "../core/api.ts";
import { Since } from "./age.tsx";
import { LevelMark } from "./level.tsx";
import { AssetLink, LinkList, ServiceLink } from "./links.tsx";
import { useRemote } from "./remote.ts";
import type { Plant } from "./store.ts";

/** Open incidents, the newest first: what people are told about. Nothing while there is none. */
export function IncidentList({ plant }: { readonly plant: Plant }): JSX.Element | null {
  const { data } = useRemote<{ incidents: readonly IncidentView[] }>("/api/v1/incidents?state=open", plant.version, 2000);
  const incidents = data?.incidents ?? [];
  if (incidents.length === 0) return null;
  return (
    <section aria-labelledby="incidents">
      <h2 id="incidents">Incidents</h2>
      <ul class="cards">
        {incidents.map((incident) => (
          <li key={incident.id}>
            <Incident plant={plant} incident={incident} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Incident({ plant, incident }: { plant: Plant; incident: IncidentView }): JSX.Element {
  const { level, title, services, causes, ack, planned, opened } = incident;
  const hurt = services.filter((service) => service.level !== "ok");
  return (
    <article class={`card edge-${level}`}>
      <h3>
        <LevelMark level={level} /> {title}
      </h3>
      <p class="quiet">
        <Since time={opened} />
        {planned ? " · planned work" : ""}
        {ack === null ? "" : ` · acknowledged by ${ack.by}`}
      </p>
      <div class="card-foot">
        <Parts name="Hurts">
          {hurt.map(({ id }) => (
            <ServiceLink key={id} plant={plant} id={id} />
          ))}
        </Parts>
        <Parts name="Cause">
          {causes.map((id) => (
            <AssetLink key={id} plant={plant} id={id} />
          ))}
        </Parts>
      </div>
    </article>
  );
}

function Parts({ name, children }: { name: string; children: readonly JSX.Element[] }): JSX.Element | null {
  if (children.length === 0) return null;
  return (
    <div class="causes">
      <span class="quiet">{name}</span>
      <LinkList>{children}</LinkList>
    </div>
  );
}
