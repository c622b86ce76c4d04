import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reasonOf } from "../../core/reason.ts";
import type { ServiceView } from "../../core/service-view.ts";
import { Clock, useNow } from "../age.tsx";
import { LevelMark } from "../level.tsx";
import { levelText, summary, worstFirst } from "../order.ts";
import { paths } from "../route.ts";
import type { Plant } from "../store.ts";
import { duration } from "../time.ts";
import { unbroken } from "../unbroken.ts";

/** For a screen on the wall: every service as a tile, as large as fits, worst first, nothing else. Escape leaves. */
export function WallPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const services = worstFirst(plant.services.values());
  const columns = useColumns(services.length);
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      history.pushState(null, "", "/");
      dispatchEvent(new PopStateEvent("popstate"));
    };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, []);
  return (
    <div class="wall">
      <header class="wall-head">
        <h1>{summary(services)}</h1>
        <a class="skip" href="/">
          Leave the wallboard
        </a>
        <Clock />
      </header>
      <ul class="wall-tiles" style={{ "--columns": columns }}>
        {services.map((service) => (
          <li key={service.id}>
            <WallTile service={service} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function WallTile({ service }: { service: ServiceView }): JSX.Element {
  const now = useNow();
  return (
    <a class={`wall-tile fill-${service.level}`} href={paths.service(service.id)}>
      <LevelMark level={service.level} />
      <span class="wall-name">{service.name}</span>
      <span class="wall-level">
        {levelText[service.level]}
        {service.level === "unknown" ? ` (${service.low} to ${service.high})` : ""}{" "}
        <span class="wall-since">for {duration(now - service.since)}</span>
      </span>
      {service.level === "ok" ? null : <span class="wall-why">{unbroken(reasonOf(service))}</span>}
    </a>
  );
}

/** How many columns give tiles about twice as wide as high on this screen. */
function useColumns(count: number): number {
  const [size, setSize] = useState({ width: innerWidth, height: innerHeight });
  useEffect(() => {
    const measure = (): void => setSize({ width: innerWidth, height: innerHeight });
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  return columnsFor(count, size.width / size.height);
}

/** Columns for `count` tiles on a screen of this width to height. */
export function columnsFor(count: number, aspect: number): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const shape = Math.abs(Math.log((aspect * rows) / columns / 1.9));
    const empty = (columns * rows - count) / Math.max(1, count);
    if (shape + empty >= least) continue;
    least = shape + empty;
    best = columns;
  }
  return best;
}
