import type { JSX } from "preact";
import type { AlarmLoadView, AlarmView, IsaState } from "../../core/api.ts";
import { AlarmTable } from "../alarm-table.tsx";
import { useRemote } from "../remote.ts";
import type { Plant } from "../store.ts";

const aside: readonly (IsaState | undefined)[] = ["shelved", "suppressed-by-design", "out-of-service"];

/** Alarms that are in alarm, those that returned unseen, and those that are put aside. */
export function AlarmsPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const { data } = useRemote<{ alarms: AlarmView[] }>("/api/v1/alarms?all=true", plant.version);
  const alarms = data?.alarms ?? [...plant.alarms.values()];
  const open = alarms.filter((alarm) => !aside.includes(alarm.isa));
  const standing = open.filter((alarm) => alarm.state !== "normal");
  const active = standing.filter((alarm) => alarm.state !== "pending").length;
  return (
    <>
      <header class="page-head">
        <h1>Alarms</h1>
        <p class="quiet">
          {standing.length === 0 ? "All alarms are normal." : `${active} active, ${standing.length - active} in on-delay`}
        </p>
        <Flood plant={plant} />
      </header>
      {standing.length === 0 ? null : <AlarmTable plant={plant} alarms={standing} />}
      <Section
        id="returned"
        title="Returned to normal, not seen yet"
        plant={plant}
        alarms={open.filter((alarm) => alarm.state === "normal")}
      />
      <Section id="aside" title="Put aside" plant={plant} alarms={alarms.filter((alarm) => aside.includes(alarm.isa))} />
    </>
  );
}

function Section({
  id,
  title,
  plant,
  alarms,
}: {
  id: string;
  title: string;
  plant: Plant;
  alarms: readonly AlarmView[];
}): JSX.Element | null {
  if (alarms.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <AlarmTable plant={plant} alarms={alarms} />
    </section>
  );
}

function Flood({ plant }: { plant: Plant }): JSX.Element | null {
  const { data } = useRemote<AlarmLoadView>("/api/v1/alarm-load", plant.version, 30_000);
  if (data?.flood !== true) return null;
  return <p role="status">Flood: {data.last_10_minutes} alarms in the last 10 minutes are more than anybody can follow.</p>;
}
