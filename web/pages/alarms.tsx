import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlarmLoadView, AlarmView, ChatterView, IsaState } from "../../core/alarm-view.ts";
import type { LevelName } from "../../core/level.ts";
import { AlarmTable } from "../alarm-table.tsx";
import { labelTexts, matches } from "../find.ts";
import { LevelMark } from "../level.tsx";
import { AssetLink } from "../links.tsx";
import { useRemote } from "../remote.ts";
import type { Plant } from "../store.ts";
import { TableHead } from "../table-head.tsx";

const aside: readonly (IsaState | undefined)[] = ["shelved", "suppressed-by-design", "out-of-service"];
const levels: readonly LevelName[] = ["critical", "major", "warning"];

/** Alarms that are in alarm, those that returned unseen, those that are put aside, and those that come and go. */
export function AlarmsPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const [sought, seek] = useState("");
  const [level, setLevel] = useState("");
  const { data } = useRemote<{ alarms: AlarmView[] }>("/api/v1/alarms?all=true", plant.version);
  const { data: load } = useRemote<AlarmLoadView>("/api/v1/alarm-load", plant.version, 30_000);
  const all = data?.alarms ?? [...plant.alarms.values()];
  const alarms = all.filter((alarm) => (level === "" || alarm.level === level) && matches(textsOf(alarm, plant), sought));
  const open = alarms.filter((alarm) => !aside.includes(alarm.isa));
  const standing = open.filter((alarm) => alarm.state !== "normal");
  const active = standing.filter((alarm) => alarm.state !== "pending").length;
  const pending = standing.length - active;
  const none = all.length === alarms.length ? "All alarms are normal." : "No alarm matches.";
  return (
    <>
      <header class="page-head">
        <h1>Alarms</h1>
        <p class="quiet">{standing.length === 0 ? none : `${active} active${pending === 0 ? "" : `, ${pending} in on-delay`}`}</p>
        <Flood load={load} />
      </header>
      {all.length === 0 ? null : (
        <div class="filters">
          <label>
            <span>Find</span>
            <input type="search" value={sought} placeholder="asset, place, service" onInput={(event) => seek(event.currentTarget.value)} />
          </label>
          <label>
            <span>Level</span>
            <select value={level} onChange={(event) => setLevel(event.currentTarget.value)}>
              <option value="">all</option>
              {levels.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
          <span class="quiet">{alarms.length === all.length ? "" : `${alarms.length} of ${all.length}`}</span>
        </div>
      )}
      {standing.length === 0 ? null : <AlarmTable plant={plant} alarms={standing} />}
      <Section
        id="returned"
        title="Returned to normal, not seen yet"
        plant={plant}
        alarms={open.filter((alarm) => alarm.state === "normal")}
      />
      <Section id="aside" title="Put aside" plant={plant} alarms={alarms.filter((alarm) => aside.includes(alarm.isa))} />
      <Restless plant={plant} load={load} />
    </>
  );
}

/** What an alarm is found by: its words, its asset and place, and the services that feel it. */
function textsOf(alarm: AlarmView, plant: Plant): readonly string[] {
  const asset = plant.assets.get(alarm.asset);
  const services = alarm.services.map((id) => plant.services.get(id)?.name ?? id);
  const place = asset === undefined ? [] : [asset.name, asset.at, ...labelTexts(asset.labels)];
  return [alarm.text, alarm.alarm, alarm.asset, alarm.metric, ...place, ...services, ...alarm.services];
}

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly plant: Plant;
  readonly alarms: readonly AlarmView[];
}

function Section({ id, title, plant, alarms }: SectionProps): JSX.Element | null {
  if (alarms.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <AlarmTable plant={plant} alarms={alarms} />
    </section>
  );
}

function Flood({ load }: { load: AlarmLoadView | undefined }): JSX.Element | null {
  if (load?.flood !== true) return null;
  return (
    <p role="status" class="flood">
      <LevelMark level="major" />
      <span>
        <strong>Flood: {load.last_10_minutes} alarms in the last 10 minutes</strong> are more than anybody can follow. Look at{" "}
        <a href="/incidents">the incidents</a>: they say what is behind them.
      </span>
    </p>
  );
}

/** Alarms that come and go, and what would calm them. */
function Restless({ plant, load }: { plant: Plant; load: AlarmLoadView | undefined }): JSX.Element | null {
  const restless = (load?.most_frequent ?? []).filter(({ chattering, advice }) => chattering || advice !== null);
  if (restless.length === 0) return null;
  return (
    <section aria-labelledby="restless">
      <h2 id="restless">Come and go most</h2>
      <table>
        <TableHead columns={["Alarm", ["In a day", "number"], ["In a minute", "number middling"], "What would calm it"]} />
        <tbody>
          {restless.map((one) => (
            <RestlessRow key={one.id} plant={plant} alarm={one} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RestlessRow({ plant, alarm }: { plant: Plant; alarm: ChatterView }): JSX.Element {
  return (
    <tr>
      <td>
        {alarm.alarm} <span class="small">{<AssetLink plant={plant} id={alarm.asset} />}</span>
        {alarm.chattering ? <div class="small text-warning">chatters now</div> : null}
      </td>
      <td class="number">{alarm.last_day}</td>
      <td class="number middling">{alarm.last_minute}</td>
      <td>{alarm.advice ?? <span class="quiet">no setting would help: look at the device</span>}</td>
    </tr>
  );
}
