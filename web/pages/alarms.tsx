import type { JSX } from "preact";
import { AlarmTable } from "../alarm-table.tsx";
import type { Plant } from "../store.ts";

export function AlarmsPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const alarms = [...plant.alarms.values()];
  const active = alarms.filter((alarm) => alarm.state !== "pending").length;
  return (
    <>
      <header class="page-head">
        <h1>Alarms</h1>
        <p class="quiet">{alarms.length === 0 ? "All alarms are normal." : `${active} active, ${alarms.length - active} in on-delay`}</p>
      </header>
      {alarms.length === 0 ? null : <AlarmTable plant={plant} alarms={alarms} />}
    </>
  );
}
