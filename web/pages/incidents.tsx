import type { JSX } from "preact";
import type { IncidentView } from "../../core/incident-view.ts";
import { useNow } from "../age.tsx";
import { OpenIncidents } from "../incident-list.tsx";
import { LevelBadge } from "../level.tsx";
import { AssetLink, LinkList, ServiceLink } from "../links.tsx";
import { useRemote } from "../remote.ts";
import { paths } from "../route.ts";
import type { Plant } from "../store.ts";
import { TableHead } from "../table-head.tsx";
import { clockTime, duration, fullTime } from "../time.ts";

const shown = 100;

/** Incidents that are open, and those that are over. */
export function IncidentsPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const open = plant.incidents.size;
  const newest = Math.max(0, ...[...plant.incidents.values()].map(({ updated }) => updated));
  const { data, error } = useRemote<{ incidents: IncidentView[] }>(
    `/api/v1/incidents?state=resolved&limit=${shown}`,
    open + newest,
    30_000,
  );
  return (
    <>
      <header class="page-head">
        <h1>Incidents</h1>
        <p class="quiet">{open === 0 ? "Nothing is hurt now." : `${open} open`}</p>
      </header>
      {open === 0 ? null : (
        <section aria-labelledby="open">
          <h2 id="open">Open</h2>
          <OpenIncidents plant={plant} />
        </section>
      )}
      <section aria-labelledby="over">
        <h2 id="over">Over</h2>
        {data === undefined ? (
          <p class="quiet">{error === undefined ? "Loading…" : error.message}</p>
        ) : data.incidents.length === 0 ? (
          <p class="quiet">None yet. What is over stays here, the last 500.</p>
        ) : (
          <table>
            <TableHead columns={["Worst", "Incident", ["Services", "wide"], ["Began", "middling"], ["Lasted", "number"]]} />
            <tbody>
              {data.incidents.map((incident) => (
                <PastRow key={incident.id} plant={plant} incident={incident} />
              ))}
            </tbody>
          </table>
        )}
        {data?.incidents.length === shown ? <p class="quiet small">The newest {shown}; older ones: /api/v1/incidents</p> : null}
      </section>
    </>
  );
}

function PastRow({ plant, incident }: { plant: Plant; incident: IncidentView }): JSX.Element {
  const now = useNow();
  const { id, title, worst, services, causes, opened, resolved, planned } = incident;
  return (
    <tr>
      <td>
        <LevelBadge level={worst} />
        {planned ? <div class="small quiet">planned work</div> : null}
      </td>
      <td>
        <a href={paths.incident(id)}>{title}</a>
        <div class="small">
          <LinkList>
            {causes.map((asset) => (
              <AssetLink key={asset} plant={plant} id={asset} />
            ))}
          </LinkList>
        </div>
        <div class="small quiet only-narrow">{clockTime(opened, now)}</div>
      </td>
      <td class="wide">
        <LinkList>
          {services.map((service) => (
            <ServiceLink key={service.id} plant={plant} id={service.id} />
          ))}
        </LinkList>
      </td>
      <td class="middling" title={fullTime(opened)}>
        {clockTime(opened, now)}
      </td>
      <td class="number">{duration((resolved ?? now) - opened)}</td>
    </tr>
  );
}
