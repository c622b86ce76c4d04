import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ReadingView, ThresholdView } from "../../core/reading-view.ts";
import { Age } from "../age.tsx";
import { Chart, spans } from "../chart.tsx";
import { allLimits } from "../device-says.ts";
import { LevelMark } from "../level.tsx";
import { LabelList } from "../links.tsx";
import { keyOf, useReadings } from "../readings.ts";
import { paths } from "../route.ts";
import type { Plant } from "../store.ts";
import { human, metricTitle } from "../units.ts";
import { Value } from "../value.tsx";
import { Problem } from "./problem.tsx";

interface SeriesPageProps {
  readonly plant: Plant;
  readonly id: string;
  readonly metric: string;
  /** Series that carry all of these; a metric may have many. */
  readonly labels: Readonly<Record<string, string>>;
}

const mostCharts = 12;

/** A metric of an asset over time: one chart per series, with its limits. */
export function SeriesPage({ plant, id, metric, labels }: SeriesPageProps): JSX.Element {
  const [minutes, setMinutes] = useState<number>(60);
  const { data, error } = useReadings(id);
  if (data === undefined) return <Problem what={metric} error={error} />;
  const wanted = Object.entries(labels);
  const ofMetric = data.filter((reading) => reading.metric === metric);
  const series = ofMetric.filter((reading) => wanted.every(([name, value]) => reading.labels[name] === value));
  return (
    <>
      <header class="page-head">
        <p class="crumbs">
          <a href="/assets">Assets</a> / <a href={paths.asset(id)}>{plant.assets.get(id)?.name ?? id}</a>
        </p>
        <h1 class="title">{metricTitle(metric)}</h1>
        <p class="quiet">
          <code>{metric}</code>
          {series.length < ofMetric.length ? (
            <>
              {" · "}
              <a href={paths.series(id, metric, {})}>all {ofMetric.length} series</a>
            </>
          ) : null}
        </p>
      </header>
      <fieldset class="spans">
        <legend class="hidden">Time</legend>
        {spans.map((span) => (
          <button key={span.minutes} type="button" aria-pressed={span.minutes === minutes} onClick={() => setMinutes(span.minutes)}>
            {span.text}
          </button>
        ))}
      </fieldset>
      {series.slice(0, mostCharts).map((reading) => (
        <SeriesChart key={keyOf(reading)} reading={reading} minutes={minutes} />
      ))}
      {series.length > mostCharts ? <p class="quiet">{series.length - mostCharts} more series are not drawn.</p> : null}
      {series.length === 0 ? <p class="quiet">This asset has no such series.</p> : null}
    </>
  );
}

function SeriesChart({ reading: plain, minutes }: { reading: ReadingView; minutes: number }): JSX.Element {
  const reading = { ...plain, thresholds: allLimits(plain) };
  return (
    <section class="series">
      <h2>
        <LabelList labels={reading.labels} />
        <Value reading={reading} />
        <span class="small quiet">
          {reading.quality} · <Age time={reading.time} /> old · <code>{reading.origin}</code>
        </span>
      </h2>
      <Chart reading={reading} minutes={minutes} />
      {reading.thresholds.length === 0 ? null : (
        <ul class="limits">
          {reading.thresholds.map((threshold) => (
            <li key={`${threshold.alarm} ${threshold.level} ${threshold.condition}`}>
              <LevelMark level={threshold.level} />
              {limitText(threshold, reading)}
            </li>
          ))}
        </ul>
      )}
      <Meanings reading={reading} />
    </section>
  );
}

/** What the device, or its profile, holds of its states. */
function Meanings({ reading: { states = {}, meanings = {} } }: { reading: ReadingView }): JSX.Element | null {
  const told = Object.entries(meanings);
  if (told.length === 0) return null;
  return (
    <ul class="limits">
      {told.map(([number, level]) => (
        <li key={number}>
          <LevelMark level={level} />
          {states[Number(number)] ?? number} <span class="quiet">means {level}</span>
        </li>
      ))}
    </ul>
  );
}

/** `Critical above 85 °C, clears at 80 °C (bearing-hot)`. */
function limitText(threshold: ThresholdView, reading: ReadingView): string {
  const { condition } = threshold;
  const ofValue = condition !== "stale" && condition !== "changes";
  const perSecond = condition.startsWith("rate_") ? " a second" : "";
  const show = (value: number): string => {
    const { text, unit: symbol } = human(value, condition === "stale" ? "s" : ofValue ? reading.unit : "", ofValue ? reading.metric : "");
    return `${symbol === "" ? text : `${text} ${symbol}`}${perSecond}`;
  };
  const limit = threshold.value === null ? "" : ` ${show(threshold.value)}`;
  const clear = threshold.clear === null ? "" : `, clears at ${show(threshold.clear)}`;
  return `${threshold.level} ${condition.replace("_", " ")}${limit}${clear} (${threshold.alarm})`;
}
