import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlarmView } from "../../core/alarm-view.ts";
import type { AssetView } from "../../core/asset-view.ts";
import type { ReadingView } from "../../core/reading-view.ts";
import type { ImpactView } from "../../core/service-view.ts";
import { Age, Since } from "../age.tsx";
import { AlarmTable } from "../alarm-table.tsx";
import { meaningOf } from "../device-says.ts";
import { EventList } from "../event-list.tsx";
import { labelTexts, matches } from "../find.ts";
import { LevelBadge, LevelMark } from "../level.tsx";
import { step, useLimited } from "../limit.tsx";
import { AssetLink, LabelList, LinkList, ServiceLink } from "../links.tsx";
import { Neighbours } from "../neighbours.tsx";
import { levelText } from "../order.ts";
import { keyOf, useReadings } from "../readings.ts";
import { useRemote } from "../remote.ts";
import { paths } from "../route.ts";
import type { Plant } from "../store.ts";
import { TableHead } from "../table-head.tsx";
import { metricTitle } from "../units.ts";
import { Value } from "../value.tsx";
import { AssetWhatIf } from "../what-if.tsx";
import { Problem } from "./problem.tsx";

/** One asset: its level and why, its sources, every reading, its alarms, and the services that rely on it. */
export function AssetPage({ plant, id }: { readonly plant: Plant; readonly id: string }): JSX.Element {
  const { data, error } = useRemote<AssetView>(`/api/v1/assets/${encodeURIComponent(id)}`, plant.version, 5000);
  if (data === undefined) return <Problem what={`Asset ${id}`} error={error} />;
  const { level = data.level, since = data.since, why = data.why } = plant.assets.get(id) ?? {};
  const asset = { ...data, level, since, why };
  const alarms = [...plant.alarms.values()].filter((alarm) => alarm.asset === id);
  return (
    <>
      <header class="page-head">
        <p class="crumbs">
          <a href="/assets">Assets</a>
        </p>
        <h1>{asset.name}</h1>
        <p class="headline">
          <LevelBadge level={asset.level} /> <Since time={asset.since} />
        </p>
        {asset.why === "" ? null : <p class={`sentence edge-${asset.level}`}>{asset.why}</p>}
      </header>
      <Facts plant={plant} asset={asset} />
      <AssetWhatIf plant={plant} id={id} />
      <Readings asset={id} alarms={alarms} />
      {alarms.length === 0 ? null : (
        <section aria-labelledby="alarms">
          <h2 id="alarms">Alarms</h2>
          <AlarmTable plant={plant} alarms={alarms} />
        </section>
      )}
      <EventList asset={id} version={plant.version} />
      <Neighbours plant={plant} id={id} />
      <Inventory facts={asset.inventory} />
    </>
  );
}

function Facts({ plant, asset }: { plant: Plant; asset: AssetView }): JSX.Element {
  return (
    <dl class="facts">
      <dt>Id</dt>
      <dd>
        <code>{asset.id}</code> <LabelList labels={asset.labels} />
      </dd>
      <dt>Place</dt>
      <dd>{asset.at === "" ? "–" : asset.at}</dd>
      <dt>Sources</dt>
      <dd>
        {asset.sources.map((source) => (
          <div key={`${source.protocol} ${source.target}`}>
            <span class="protocol">{source.protocol.toUpperCase()}</span> <code>{source.target}</code>{" "}
            <span class={source.state === "up" ? "quiet" : "text-unknown"}>{source.state}</span>
            {source.reason === "" ? null : <span class="reason">: {source.reason}</span>}
            <span class="quiet">
              {" · "}
              {source.last_ok === null ? "never heard" : <HeardAgo time={source.last_ok} />}
            </span>
          </div>
        ))}
      </dd>
      <dt>{asset.level === "ok" ? "Relied on by" : "Felt by"}</dt>
      <dd>
        {asset.services.length === 0 ? (
          <span class="quiet">no service</span>
        ) : (
          <LinkList>
            {asset.services.map((service) => (
              <ServiceLink key={service} plant={plant} id={service} />
            ))}
          </LinkList>
        )}
      </dd>
      <Impact plant={plant} id={asset.id} />
      <dt>Agent</dt>
      <dd>{asset.agent}</dd>
    </dl>
  );
}

/** What else fails if the asset does. */
function Impact({ plant, id }: { plant: Plant; id: string }): JSX.Element | null {
  const { data } = useRemote<ImpactView>(`/api/v1/assets/${encodeURIComponent(id)}/impact`, 0, 15_000);
  if (data === undefined || data.services.length + data.unreachable.length === 0) return null;
  return (
    <>
      <dt>If it fails</dt>
      <dd>
        <LinkList>
          {[
            ...data.services.map(({ id: service, level, low, high }) => (
              <span key={service}>
                <ServiceLink plant={plant} id={service} /> <LevelBadge level={level} low={low} high={high} />
              </span>
            )),
            ...data.unreachable.map((one) => (
              <span key={`reach ${one}`}>
                <AssetLink plant={plant} id={one} /> <span class="quiet">out of reach</span>
              </span>
            )),
          ]}
        </LinkList>
      </dd>
    </>
  );
}

function HeardAgo({ time }: { time: number }): JSX.Element {
  return (
    <>
      heard <Age time={time} /> ago
    </>
  );
}

function Readings({ asset, alarms }: { asset: string; alarms: readonly AlarmView[] }): JSX.Element {
  const { data, error } = useReadings(asset);
  const [sought, seek] = useState("");
  const found = (data ?? []).filter((reading) =>
    matches([reading.metric, metricTitle(reading.metric), ...labelTexts(reading.labels)], sought),
  );
  const { shown, more } = useLimited(found, "series");
  const levels = new Map(alarms.filter((alarm) => alarm.state !== "pending").map((alarm) => [keyOf(alarm), alarm.level]));
  return (
    <section aria-labelledby="readings">
      <h2 id="readings">Readings</h2>
      {data === undefined ? (
        <p class="quiet">{error === undefined ? "Loading…" : error.message}</p>
      ) : data.length === 0 ? (
        <p class="quiet">Nothing was read from it yet.</p>
      ) : (
        <>
          {data.length > step ? (
            <div class="filters">
              <label>
                <span>Find</span>
                <input type="search" value={sought} placeholder="metric, label" onInput={(event) => seek(event.currentTarget.value)} />
              </label>
              <span class="quiet">{found.length === data.length ? "" : `${found.length} of ${data.length}`}</span>
            </div>
          ) : null}
          <table>
            <TableHead columns={["Metric", ["Value", "number"], ["Age", "number"], ["Quality", "middling"], ["Origin", "wide"]]} />
            <tbody>
              {shown.map((reading) => (
                <ReadingRow key={keyOf(reading)} reading={reading} alarm={levels.get(keyOf(reading))} />
              ))}
            </tbody>
          </table>
          {more}
        </>
      )}
    </section>
  );
}

function ReadingRow({ reading, alarm }: { reading: ReadingView; alarm: AlarmView["level"] | undefined }): JSX.Element {
  const level = alarm ?? meaningOf(reading);
  const good = reading.quality === "Good";
  return (
    <tr>
      <td>
        <a href={paths.series(reading.asset, reading.metric, reading.labels)} title={reading.metric}>
          {metricTitle(reading.metric)}
        </a>{" "}
        <LabelList labels={reading.labels} />
        {good ? null : <div class="small text-unknown only-narrow">{reading.quality}</div>}
      </td>
      <td class="number">
        {level === undefined ? null : (
          <>
            <LevelMark level={level} />
            <span class="hidden">{levelText[level]}: </span>
          </>
        )}{" "}
        <Value reading={reading} />
      </td>
      <td class="number">
        <Age time={reading.time} staleAfterMs={Math.max(30_000, 3 * reading.every_ms)} />
      </td>
      <td class={good ? "middling quiet" : "middling text-unknown"}>{reading.quality}</td>
      <td class="wide">
        <code class="quiet">{reading.origin}</code>
      </td>
    </tr>
  );
}

function Inventory({ facts }: { facts: AssetView["inventory"] }): JSX.Element | null {
  const entries = Object.entries(facts);
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="inventory">
      <h2 id="inventory">Inventory</h2>
      <dl class="facts">{entries.flatMap(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={name}>{value}</dd>])}</dl>
    </section>
  );
}
