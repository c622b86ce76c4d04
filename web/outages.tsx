import type { JSX } from "preact";
import type { OutageView, PeriodView } from "../core/service-level.ts";
import { useNow } from "./age.tsx";
import { AssetLink, LinkList } from "./links.tsx";
import { useRemote } from "./remote.ts";
import { paths } from "./route.ts";
import type { Plant } from "./store.ts";
import { TableHead } from "./table-head.tsx";
import { clockTime, duration, fullTime } from "./time.ts";

/** Outages that are shown, the newest. */
const shown = 10;

const kindText: Readonly<Record<OutageView["kind"], string>> = { down: "Down", planned: "Planned work", unknown: "Not known" };

/** When a service was not as it should be within its window, and what was to blame. Nothing where it always was. */
export function Outages({ plant, service }: { readonly plant: Plant; readonly service: string }): JSX.Element | null {
  const id = encodeURIComponent(service);
  const level = plant.services.get(service)?.since ?? 0;
  const { data } = useRemote<PeriodView>(`/api/v1/services/${id}/slo`, level, 60_000);
  if (data === undefined) return null;
  const [first] = data.outages;
  // Nobody can have had an outage before there was anybody to see it.
  const unrecorded = first?.kind === "unknown" && first.from <= data.from ? first : undefined;
  const outages = data.outages.filter((outage) => outage !== unrecorded).reverse();
  if (outages.length === 0) return null;
  const left = outages.length - shown + data.outages_left_off;
  return (
    <section aria-labelledby="outages">
      <h2 id="outages">Outages</h2>
      <table>
        <TableHead columns={["Began", "What", ["Lasted", "number"], "Cause"]} />
        <tbody>
          {outages.slice(0, shown).map((outage) => (
            <OutageRow key={`${outage.kind} ${outage.from}`} plant={plant} outage={outage} ongoing={outage.to >= data.to} />
          ))}
        </tbody>
      </table>
      {unrecorded === undefined ? null : <p class="small quiet">Nothing is recorded before {fullTime(unrecorded.to)}.</p>}
      {left <= 0 ? null : (
        <p class="small quiet">
          The newest {shown} of {left + shown}; the report has more.
        </p>
      )}
    </section>
  );
}

interface OutageRowProps {
  readonly plant: Plant;
  readonly outage: OutageView;
  readonly ongoing: boolean;
}

function OutageRow({ plant, outage: { kind, from, to, incidents }, ongoing }: OutageRowProps): JSX.Element {
  const causes = [...new Set(incidents.flatMap((incident) => incident.causes))];
  return (
    <tr>
      <td title={fullTime(from)}>{clockTime(from, useNow())}</td>
      <td class={kind === "unknown" ? "text-unknown" : ""}>{kindText[kind]}</td>
      <td class="number">
        {duration(to - from)}
        {ongoing ? <span class="quiet"> until now</span> : ""}
      </td>
      <td>
        <LinkList>
          {[
            ...causes.map((id) => <AssetLink key={id} plant={plant} id={id} />),
            ...incidents.map(({ id }) => (
              <a key={`incident ${id}`} href={paths.incident(id)}>
                incident {id}
              </a>
            )),
          ]}
        </LinkList>
      </td>
    </tr>
  );
}
