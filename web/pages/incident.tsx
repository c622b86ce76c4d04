import type { JSX } from "preact";
import type { IncidentDetail, IncidentService } from "../../core/incident-view.ts";
import { clauseOf, reasonOf } from "../../core/reason.ts";
import { Since, useNow } from "../age.tsx";
import { AlarmTable } from "../alarm-table.tsx";
import { AcknowledgeIncident } from "../incident-ack.tsx";
import { Marks } from "../incident-list.tsx";
import { LevelBadge } from "../level.tsx";
import { AssetLink, ServiceLink } from "../links.tsx";
import { useRemote } from "../remote.ts";
import type { Plant } from "../store.ts";
import { TableHead } from "../table-head.tsx";
import { clockTime, duration, fullTime } from "../time.ts";
import { Problem } from "./problem.tsx";

interface PartProps {
  readonly plant: Plant;
  readonly incident: IncidentDetail;
}

/** One incident: what is to blame and why, every service it hurt, what happened, and who was told. */
export function IncidentPage({ plant, id }: { readonly plant: Plant; readonly id: string }): JSX.Element {
  // An open one says by events that it changed; who was told of it follows within seconds.
  const live = plant.incidents.get(id);
  const { data, error } = useRemote<IncidentDetail>(
    `/api/v1/incidents/${encodeURIComponent(id)}`,
    (live?.updated ?? 0) + plant.incidents.size,
    5000,
  );
  if (data === undefined) return <Problem what={`Incident ${id}`} error={error} />;
  const incident = { ...data, ...live };
  const alarms = [...plant.alarms.values()].filter((alarm) => incident.state === "open" && incident.causes.includes(alarm.asset));
  return (
    <>
      <header class="page-head">
        <p class="crumbs">
          <a href="/incidents">Incidents</a>
        </p>
        <h1>{incident.title}</h1>
        <Standing incident={incident} />
        <AcknowledgeIncident incident={incident} />
      </header>
      <Causes plant={plant} incident={incident} />
      <Hurt plant={plant} incident={incident} />
      {alarms.length === 0 ? null : (
        <section aria-labelledby="alarms">
          <h2 id="alarms">Alarms of its causes</h2>
          <AlarmTable plant={plant} alarms={alarms} />
        </section>
      )}
      <div class="halves">
        <History incident={incident} />
        <Told incident={incident} />
      </div>
    </>
  );
}

function Standing({ incident }: { incident: IncidentDetail }): JSX.Element {
  const now = useNow();
  const { state, level, worst, opened, resolved, ack } = incident;
  return (
    <>
      <p class="headline">
        {state === "open" ? <LevelBadge level={level} /> : <span class="quiet">Over</span>}{" "}
        {resolved === null ? (
          <Since time={opened} />
        ) : (
          <span>
            {clockTime(opened, now)} to {clockTime(resolved, now)} <span class="quiet">({duration(resolved - opened)})</span>
          </span>
        )}{" "}
        {state === "open" && level === worst ? null : (
          <span class="quiet">
            at worst <LevelBadge level={worst} />
          </span>
        )}{" "}
        <Marks incident={{ ...incident, ack: null }} />
      </p>
      {ack === null ? null : (
        <p>
          Acknowledged by {ack.by}, <time title={fullTime(ack.time)}>{duration(now - ack.time)} ago</time>
          {ack.comment === "" ? "" : `: ${ack.comment}`}
        </p>
      )}
    </>
  );
}

/** The assets to blame, and why each is as it is now. */
function Causes({ plant, incident: { causes, blind } }: PartProps): JSX.Element {
  return (
    <section aria-labelledby="causes">
      <h2 id="causes">Cause</h2>
      {causes.length === 0 ? (
        <p class="quiet">{blind ? "No asset is known to be broken: too much is unknown." : "No single asset is to blame."}</p>
      ) : (
        <ul class="reasons">
          {causes.map((id) => (
            <li key={id}>
              <AssetLink plant={plant} id={id} /> <span class="quiet">{stateOf(plant, id)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function stateOf(plant: Plant, id: string): string {
  const asset = plant.assets.get(id);
  if (asset === undefined) return "is not configured any more";
  return asset.level === "ok" ? "ok now" : clauseOf(asset);
}

/** Also those that are well again. */
function Hurt({ plant, incident: { services } }: PartProps): JSX.Element {
  return (
    <section aria-labelledby="hurt">
      <h2 id="hurt">Services it hurt</h2>
      <table>
        <TableHead columns={["By this", "Service", ["Why", "wide"]]} />
        <tbody>
          {services.map((service) => (
            <HurtRow key={service.id} plant={plant} service={service} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function HurtRow({ plant, service }: { plant: Plant; service: IncidentService }): JSX.Element {
  const { id, level, owner } = service;
  const why = level === "ok" ? <span class="quiet">well again</span> : reasonOf(service);
  return (
    <tr>
      <td>
        <LevelBadge level={level} />
      </td>
      <td>
        <ServiceLink plant={plant} id={id} />
        {owner === "" ? null : <div class="small quiet">Owner: {owner}</div>}
        <div class="small narrow">{why}</div>
      </td>
      <td class="wide">{why}</td>
    </tr>
  );
}

function History({ incident: { history } }: { incident: IncidentDetail }): JSX.Element {
  return (
    <section aria-labelledby="history">
      <h2 id="history">What happened</h2>
      <ol class="lines">
        {history.map(({ time, text }, i) => (
          <li key={`${time} ${i}`}>
            <Moment time={time} /> <span>{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Told({ incident: { told, state } }: { incident: IncidentDetail }): JSX.Element {
  return (
    <section aria-labelledby="told">
      <h2 id="told">Who was told</h2>
      {told.length === 0 ? (
        <p class="quiet">{state === "open" ? "Nobody yet: no route of notify names it, or its wait is not over." : "Nobody."}</p>
      ) : (
        <ol class="lines">
          {told.map(({ channel, kind, time, waiting }, i) => (
            <li key={`${time} ${i}`}>
              <Moment time={time} />{" "}
              <span>
                {channel} <span class="quiet">{kind}</span>
                {waiting ? <span class="text-unknown"> not taken by the channel yet</span> : null}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Moment({ time }: { time: number }): JSX.Element {
  return (
    <time class="quiet" dateTime={new Date(time).toISOString()} title={fullTime(time)}>
      {clockTime(time, useNow())}
    </time>
  );
}
