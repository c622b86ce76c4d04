import type { JSX } from "preact";
import type { ServiceView } from "../../core/api.ts";
import { Since } from "../age.tsx";
import { IncidentList } from "../incident-list.tsx";
import { LevelBadge, LevelMark } from "../level.tsx";
import { AssetLink, LinkList } from "../links.tsx";
import { assetSummary, summary, worstFirst, worstLevel } from "../order.ts";
import { paths } from "../route.ts";
import type { Plant } from "../store.ts";

/** Services, worst first: the abnormal ones with their reason, the others as a quiet list. */
export function OverviewPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const services = worstFirst(plant.services.values());
  const abnormal = services.filter((service) => service.level !== "ok");
  const normal = services.filter((service) => service.level === "ok");
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
      {abnormal.length === 0 ? null : (
        <ul class="cards">
          {abnormal.map((service) => (
            <li key={service.id}>
              <AbnormalCard plant={plant} service={service} />
            </li>
          ))}
        </ul>
      )}
      <IncidentList plant={plant} />
      {normal.length === 0 ? null : (
        <section aria-labelledby="normal">
          <h2 id="normal">OK</h2>
          <ul class="tiles">
            {normal.map((service) => (
              <li key={service.id}>
                <a class="tile" href={paths.service(service.id)}>
                  <LevelMark level="ok" />
                  <span class="tile-name">{service.name}</span>
                  <span class="tile-note quiet">
                    {service.owner} · <Since time={service.since} />
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function AbnormalCard({ plant, service }: { plant: Plant; service: ServiceView }): JSX.Element {
  return (
    <article class={`card edge-${service.level}`}>
      <h2>
        <a href={paths.service(service.id)}>{service.name}</a>
      </h2>
      <p class="card-level">
        <LevelBadge level={service.level} low={service.low} high={service.high} /> <Since time={service.since} />
      </p>
      <p class="why">{service.why}</p>
      <div class="card-foot">
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
        <span class="quiet owner">{service.owner}</span>
      </div>
    </article>
  );
}

function alarmCount(plant: Plant): string {
  const active = [...plant.alarms.values()].filter((alarm) => alarm.state !== "pending").length;
  return active === 0 ? "no active alarms" : `${active} active ${active === 1 ? "alarm" : "alarms"}`;
}
