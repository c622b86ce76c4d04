import type { JSX } from "preact";
import type { BoundsView, BurnView, SloView } from "../core/service-level.ts";
import { Since } from "./age.tsx";
import { LevelBadge } from "./level.tsx";
import { duration } from "./time.ts";

/** How a service stands against its SLO, and its reports. */
export function ServiceLevel({ service, slo }: { readonly service: string; readonly slo: SloView | undefined }): JSX.Element {
  return (
    <section aria-labelledby="slo">
      <h2 id="slo">{slo === undefined ? "Availability" : `Service level, last ${duration(slo.window_seconds * 1000)}`}</h2>
      {slo === undefined ? null : <Standing slo={slo} />}
      <p class="small">
        Report of <a href={reportOf(service, "month", "html")}>this month</a>,{" "}
        <a href={reportOf(service, "last-month", "html")}>last month</a>,{" "}
        <a href={reportOf(service, "month", "html", "shift")}>this month by shift</a> <span class="quiet">(they print)</span>,{" "}
        <a href={reportOf(service, "month", "csv")} download>
          CSV
        </a>
      </p>
    </section>
  );
}

function reportOf(service: string, period: string, format: string, by = "service"): string {
  return `/api/v1/reports/availability?${new URLSearchParams({ period, service, by, format }).toString()}`;
}

function Standing({ slo }: { slo: SloView }): JSX.Element {
  const left = slo.budget.remaining_ratio;
  const firing = slo.burn.filter((rule) => rule.firing);
  return (
    <>
      {firing.map((rule) => (
        <BurnAlarm key={rule.name} rule={rule} />
      ))}
      <dl class="facts">
        <dt>Target</dt>
        <dd>
          {percent(slo.target)} below {slo.level}
        </dd>
        <dt>Availability</dt>
        <dd>
          {slo.sli === null ? "no scheduled time" : range(slo.sli, percent)}{" "}
          {slo.coverage < 1 ? <span class="quiet">{percent(slo.coverage)} of the time is known</span> : null}
        </dd>
        <dt>Error budget left</dt>
        <dd class={left !== null && left.high < 0 ? "text-critical" : ""}>
          {left === null ? "–" : range(left, percent)} <span class="quiet">of {duration(slo.budget.seconds * 1000)}</span>
        </dd>
        <dt>Downtime</dt>
        <dd>
          {duration(slo.down_seconds * 1000)} <span class="quiet">of {duration(slo.scheduled_seconds * 1000)} scheduled</span>
          {slo.outside_seconds > 0 ? <span class="quiet">, {duration(slo.outside_seconds * 1000)} outside its calendar</span> : ""}
          {slo.planned_seconds > 0 ? `, ${duration(slo.planned_seconds * 1000)} of planned work` : ""}
          {slo.unknown_seconds > 0 ? `, ${duration(slo.unknown_seconds * 1000)} unknown` : ""}
        </dd>
        <dt>Budget burns</dt>
        <dd>{slo.burn.length === 0 ? "–" : slo.burn.map((rule) => <BurnRate key={rule.name} rule={rule} />)}</dd>
        {slo.cost === null ? null : (
          <>
            <dt>Its cost</dt>
            <dd>
              {range(slo.cost, money)} {slo.cost.currency}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

/** How fast the budget goes: at 1 it lasts for just the window. */
function BurnRate({ rule: { name, long_rate } }: { rule: BurnView }): JSX.Element {
  return (
    <div>
      {long_rate === null ? "–" : `${long_rate.toFixed(1)}×`} <span class="quiet">alarm at {name}</span>
    </div>
  );
}

function BurnAlarm({ rule }: { rule: BurnView }): JSX.Element {
  return (
    <p>
      <LevelBadge level={rule.level} /> The error budget burns {(rule.long_rate ?? 0).toFixed(1)} times too fast ({rule.name}){" "}
      {rule.since === null ? null : <Since time={rule.since} />}
    </p>
  );
}

/** One value where both bounds read the same. */
function range({ low, high }: BoundsView, show: (value: number) => string): string {
  const [least, most] = [show(low), show(high)];
  return least === most ? least : `${least} to ${most}`;
}

/** Rounded down: 99.999 % is not 100. */
function percent(ratio: number): string {
  return `${Math.floor(ratio * 1e4 + 1e-6) / 100} %`;
}

function money(amount: number): string {
  return amount.toLocaleString("en", { maximumFractionDigits: 0 });
}
