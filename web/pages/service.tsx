import type { JSX } from "preact";
import { reasonOf } from "../../core/reason.ts";
import type { HoursView, ServiceDetail } from "../../core/service-view.ts";
import { Since, useNow } from "../age.tsx";
import { AlarmTable } from "../alarm-table.tsx";
import { LevelBadge } from "../level.tsx";
import { AssetLink, LinkList, ServiceLink } from "../links.tsx";
import { Outages } from "../outages.tsx";
import { useRemote } from "../remote.ts";
import { ServiceLevel } from "../service-level.tsx";
import type { Plant } from "../store.ts";
import { fullTime, weekdayTime } from "../time.ts";
import { NeedTree } from "../tree.tsx";
import { unbroken } from "../unbroken.ts";
import { WhatIf } from "../what-if.tsx";
import { Problem } from "./problem.tsx";

/** One service: why it is in its state, who is to blame, who else feels it, and the tree of what it needs. */
export function ServicePage({ plant, id }: { readonly plant: Plant; readonly id: string }): JSX.Element {
  const { data, error } = useRemote<ServiceDetail>(`/api/v1/services/${encodeURIComponent(id)}`, plant.version, 60_000);
  if (data === undefined) return <Problem what={`Service ${id}`} error={error} />;
  // The event stream is ahead of what was fetched.
  const service = { ...data, ...plant.services.get(id) };
  return (
    <>
      <header class="page-head">
        <p class="crumbs">
          <a href="/">Services</a>
        </p>
        <h1>{service.name}</h1>
        <p class="headline">
          <LevelBadge level={service.level} low={service.low} high={service.high} /> <Since time={service.since} />{" "}
          {service.owner === "" ? null : <span class="quiet">Owner: {service.owner}</span>}
          {data.hours === undefined ? null : <Hours hours={data.hours} />}
        </p>
        <p class={`sentence edge-${service.level}`}>{service.level === "ok" ? "It has all it needs" : unbroken(reasonOf(service))}</p>
        {service.level === "ok" || data.recovery.text === "" ? null : <p class="recovery">It is {data.recovery.text}.</p>}
      </header>
      <Around plant={plant} service={service} />
      <section aria-labelledby="needs">
        <h2 id="needs">What it needs</h2>
        <NeedTree needs={data.needs} />
        <WhatIf key={id} plant={plant} id={id} needs={data.needs} />
      </section>
      <ServiceLevel service={id} slo={data.slo} />
      <Outages plant={plant} service={id} />
      {data.alarms.length === 0 ? null : (
        <section aria-labelledby="alarms">
          <h2 id="alarms">Alarms</h2>
          <AlarmTable plant={plant} alarms={data.alarms} />
        </section>
      )}
    </>
  );
}

/** Who is to blame, and who else feels it. */
function Around({ plant, service: { level, causes, impact } }: { plant: Plant; service: ServiceDetail }): JSX.Element {
  return (
    <div class="pair">
      {causes.length === 0 ? null : (
        <section aria-labelledby="causes">
          <h2 id="causes">Cause</h2>
          <LinkList>
            {causes.map((cause) => (
              <AssetLink key={cause} plant={plant} id={cause} />
            ))}
          </LinkList>
        </section>
      )}
      {impact.length === 0 ? null : (
        <section aria-labelledby="impact">
          <h2 id="impact">{level === "ok" ? "Relied on by" : "Also felt by"}</h2>
          <LinkList>
            {impact.map((felt) => (
              <ServiceLink key={felt} plant={plant} id={felt} />
            ))}
          </LinkList>
        </section>
      )}
    </div>
  );
}

/** Whether it is meant to be there now, and until when, in the time zone of the browser as all times of the page. */
function Hours({ hours: { calendar, zone, open, changes } }: { readonly hours: HoursView }): JSX.Element {
  const now = useNow();
  const turn = changes === null ? "" : `${open ? " until" : ", from"} ${weekdayTime(changes, now)}`;
  return (
    <span class="quiet" title={`Calendar ${calendar}, ${zone}${changes === null ? "" : `; ${fullTime(changes)}`}`}>
      {open ? "In service" : "Outside its hours"}
      {turn} ({calendar})
    </span>
  );
}
