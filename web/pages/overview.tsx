import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { reasonOf } from "../../core/reason.ts";
import type { ServiceView } from "../../core/service-view.ts";
import { Since } from "../age.tsx";
import { matches } from "../find.ts";
import { IncidentList } from "../incident-list.tsx";
import { LevelBadge, LevelMark } from "../level.tsx";
import { useLimited } from "../limit.tsx";
import { AssetLink, LinkList } from "../links.tsx";
import { assetSummary, summary, worstFirst, worstLevel } from "../order.ts";
import { paths } from "../route.ts";
import type { Plant } from "../store.ts";
import { unbroken } from "../unbroken.ts";

/** So many services are found by looking. */
const few = 12;

/** Services, worst first: the abnormal ones with their reason, the others as a quiet list. */
export function OverviewPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const [sought, seek] = useState("");
  const services = worstFirst(plant.services.values());
  const found = services.filter(({ id, name, owner }) => matches([id, name, owner], sought));
  const abnormal = found.filter((service) => service.level !== "ok");
  const normal = found.filter((service) => service.level === "ok");
  return (
    <>
      <header class="page-head">
        <h1 class="summary">
          <LevelMark level={worstLevel(services)} />
          {summary(services)}
        </h1>
        <p class="quiet">
          <a href="/assets">{assetSummary([...plant.assets.values()])}</a> · <a href="/alarms">{alarmCount(plant)}</a>
        </p>
      </header>
      {services.length > few ? (
        <div class="filters">
          <label>
            <span>Find</span>
            <input type="search" value={sought} placeholder="name, owner" onInput={(event) => seek(event.currentTarget.value)} />
          </label>
          <span class="quiet">{found.length === services.length ? "" : `${found.length} of ${services.length} services`}</span>
        </div>
      ) : null}
      <IncidentList plant={plant} />
      <Abnormal plant={plant} services={abnormal} />
      <Normal services={normal} />
    </>
  );
}

function Abnormal({ plant, services }: { plant: Plant; services: readonly ServiceView[] }): JSX.Element | null {
  const { shown, more } = useLimited(services, "services");
  if (services.length === 0) return null;
  return (
    <section aria-labelledby="abnormal">
      <h2 id="abnormal">Not ok</h2>
      <ul class="cards">
        {shown.map((service) => (
          <li key={service.id}>
            <AbnormalCard plant={plant} service={service} />
          </li>
        ))}
      </ul>
      {more}
    </section>
  );
}

function Normal({ services }: { services: readonly ServiceView[] }): JSX.Element | null {
  const { shown, more } = useLimited(services, "services");
  if (services.length === 0) return null;
  return (
    <section aria-labelledby="normal">
      <h2 id="normal">OK</h2>
      <ul class="tiles">
        {shown.map((service) => (
          <li key={service.id}>
            <a class="tile" href={paths.service(service.id)}>
              <LevelMark level="ok" />
              <span class="tile-name">{service.name}</span>
              <span class="tile-note quiet">
                {service.owner === "" ? "" : `${service.owner} · `}
                <Since time={service.since} />
              </span>
            </a>
          </li>
        ))}
      </ul>
      {more}
    </section>
  );
}

function AbnormalCard({ plant, service }: { plant: Plant; service: ServiceView }): JSX.Element {
  return (
    <article class={`card edge-${service.level}`}>
      <div>
        <h3>
          <a href={paths.service(service.id)}>{service.name}</a>
        </h3>
        <p class="card-level">
          <LevelBadge level={service.level} low={service.low} high={service.high} /> <Since time={service.since} />
        </p>
      </div>
      <div class="card-parts">
        <p class="why">{unbroken(reasonOf(service))}</p>
        {service.causes.length === 0 ? null : (
          <div class="causes">
            <span class="quiet">Cause</span>
            <LinkList>
              {service.causes.map((id) => (
                <AssetLink key={id} plant={plant} id={id} />
              ))}
            </LinkList>
          </div>
        )}
        {service.owner === "" ? null : (
          <div class="causes">
            <span class="quiet">Owner</span>
            <span>{service.owner}</span>
          </div>
        )}
      </div>
    </article>
  );
}

function alarmCount(plant: Plant): string {
  const active = [...plant.alarms.values()].filter((alarm) => alarm.state !== "pending").length;
  return active === 0 ? "no active alarms" : `${active} active ${active === 1 ? "alarm" : "alarms"}`;
}
