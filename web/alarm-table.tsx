import type { JSX } from "preact";
import type { AlarmState, AlarmView } from "../core/alarm-view.ts";
import { Since } from "./age.tsx";
import { AlarmActs } from "./alarm-acts.tsx";
import { AlarmNotes, isaText } from "./alarm-notes.tsx";
import { LevelBadge } from "./level.tsx";
import { useLimited } from "./limit.tsx";
import { AssetLink, LabelList, LinkList, ServiceLink } from "./links.tsx";
import { levelOrder } from "./order.ts";
import { paths } from "./route.ts";
import type { Plant } from "./store.ts";
import { TableHead } from "./table-head.tsx";
import { metricTitle } from "./units.ts";
import { Value } from "./value.tsx";

const stateText: Readonly<Record<AlarmState, string>> = {
  normal: "Back to normal",
  active: "Active",
  pending: "In its on-delay",
  clearing: "In its off-delay",
};

/** Alarms, worst first, active before pending. */
export function AlarmTable({ plant, alarms }: { readonly plant: Plant; readonly alarms: readonly AlarmView[] }): JSX.Element {
  const sorted = [...alarms].sort((a, b) => rank(a) - rank(b) || b.since - a.since || a.id.localeCompare(b.id));
  const { shown, more } = useLimited(sorted, "alarms");
  return (
    <>
      <table>
        <TableHead columns={["Level", "Alarm", ["Value", "number middling"], ["Services", "wide"], ["Time", "middling"]]} />
        <tbody>
          {shown.map((alarm) => (
            <AlarmRow key={alarm.id} plant={plant} alarm={alarm} />
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}

function rank(alarm: AlarmView): number {
  return levelOrder.indexOf(alarm.level) + (alarm.state === "pending" ? levelOrder.length : 0);
}

function AlarmRow({ plant, alarm }: { plant: Plant; alarm: AlarmView }): JSX.Element {
  const value = <Value reading={{ value: alarm.value, unit: alarm.unit, metric: alarm.metric, state: alarm.value_name ?? null }} />;
  return (
    <tr class={alarm.state === "pending" ? "pending" : ""}>
      <td>
        <LevelBadge level={alarm.level} />
        <div class="state quiet small">{stateText[alarm.state]}</div>
        {alarm.isa === undefined || alarm.isa === "normal" ? null : <div class="state quiet small">{isaText[alarm.isa]}</div>}
      </td>
      <td>
        <div>{alarm.text}</div>
        <div class="small">
          <AssetLink plant={plant} id={alarm.asset} />{" "}
          <a href={paths.series(alarm.asset, alarm.metric, alarm.labels)}>{metricTitle(alarm.metric)}</a>{" "}
          <LabelList labels={alarm.labels} /> <span class="quiet nowrap">{alarm.alarm}</span> <Runbook href={alarm.runbook} />
        </div>
        <AlarmNotes alarm={alarm} />
        <div class="small only-narrow">
          {value} <Since time={alarm.since} />
        </div>
        <AlarmActs alarm={alarm} />
      </td>
      <td class="number middling">{value}</td>
      <td class="wide">
        <LinkList>
          {alarm.services.map((id) => (
            <ServiceLink key={id} plant={plant} id={id} />
          ))}
        </LinkList>
      </td>
      <td class="middling">
        <Since time={alarm.since} />
      </td>
    </tr>
  );
}

/** Only a web address becomes a link: `javascript:` is an address, too. */
function Runbook({ href }: { readonly href: string | null }): JSX.Element | null {
  if (href === null || !/^https?:\/\//i.test(href)) return null;
  return (
    <a href={href} rel="noreferrer noopener" target="_blank">
      Runbook
    </a>
  );
}
