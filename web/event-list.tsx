import type { JSX } from "preact";
import type { AssetEvent } from "../core/asset-event.ts";
import { LevelMark } from "./level.tsx";
import { LabelList } from "./links.tsx";
import { levelText } from "./order.ts";
import { useRemote } from "./remote.ts";
import { collectorNow } from "./store.ts";
import { clockTime, fullTime } from "./time.ts";

const shown = 50;

/** What an asset told of its own accord, the newest first; nothing where it never did. */
export function EventList({ asset, version }: { readonly asset: string; readonly version: number }): JSX.Element | null {
  const path = `/api/v1/assets/${encodeURIComponent(asset)}/events?limit=${shown}`;
  const { data } = useRemote<{ events: readonly AssetEvent[] }>(path, version, 60_000);
  if (data === undefined || data.events.length === 0) return null;
  return (
    <section aria-labelledby="events">
      <h2 id="events">Events</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">What</th>
            <th scope="col">Event</th>
            <th scope="col" class="wide">
              Origin
            </th>
          </tr>
        </thead>
        <tbody>
          {data.events.map((event, i) => (
            <EventRow key={`${event.time} ${event.origin} ${i}`} event={event} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function EventRow({ event }: { event: AssetEvent }): JSX.Element {
  const { time, level, name, text, labels, values, origin } = event;
  const details = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
  return (
    <tr>
      <td title={fullTime(time)}>{clockTime(time, collectorNow())}</td>
      <td title={details.join("\n")}>
        {level === "ok" ? null : (
          <>
            <LevelMark level={level} />
            <span class="hidden">{levelText[level]}: </span>{" "}
          </>
        )}
        {text}
      </td>
      <td class="quiet">
        {name === origin ? "–" : name} <LabelList labels={labels} />
      </td>
      <td class="wide">
        <code class="quiet">{origin}</code>
      </td>
    </tr>
  );
}
