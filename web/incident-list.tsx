import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { IncidentView } from "../core/api.ts";
import { ActDialog, textOf } from "./act-dialog.tsx";
import { Since } from "./age.tsx";
import { postJson } from "./api.ts";
import { LevelMark } from "./level.tsx";
import { AssetLink, LinkList, ServiceLink } from "./links.tsx";
import type { Plant } from "./store.ts";

/** Open incidents, the newest first: what people are told about. Nothing while there is none. */
export function IncidentList({ plant }: { readonly plant: Plant }): JSX.Element | null {
  const incidents = [...plant.incidents.values()].sort((a, b) => b.opened - a.opened || (a.id < b.id ? 1 : -1));
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
      {ack === null ? <Acknowledge incident={incident} /> : null}
    </article>
  );
}

function Acknowledge({ incident: { id, title } }: { incident: IncidentView }): JSX.Element {
  const [open, setOpen] = useState(false);
  const send = (form: FormData): Promise<unknown> => {
    const comment = textOf(form, "text");
    const body = { by: textOf(form, "who"), alarms: form.has("alarms"), ...(comment === "" ? {} : { comment }) };
    return postJson(`/api/v1/incidents/${encodeURIComponent(id)}/acknowledge`, body);
  };
  return (
    <div class="acts">
      <button type="button" aria-label={`Acknowledge: ${title}`} onClick={() => setOpen(true)}>
        Acknowledge
      </button>
      {open ? (
        <ActDialog name="Acknowledge" about={title} text="Comment" send={send} onClose={() => setOpen(false)}>
          <label class="check">
            <input type="checkbox" name="alarms" defaultChecked /> and the alarms of its causes
          </label>
        </ActDialog>
      ) : null}
    </div>
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
