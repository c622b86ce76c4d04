import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useNow } from "./age.tsx";
import { LevelMark, showFavicon } from "./level.tsx";
import { summary, worstLevel } from "./order.ts";
import type { Route } from "./route.ts";
import { signOut, useSession } from "./session.ts";
import type { Plant } from "./store.ts";
import { useTheme } from "./theme.ts";
import { clockTime, duration, zoneText } from "./time.ts";

interface ShellProps {
  readonly plant: Plant;
  readonly route: Route;
  readonly children: ComponentChildren;
}

/** What surrounds every page but the wallboard: where am I, is it live, and the page's name for the tab. */
export function Shell({ plant, route, children }: ShellProps): JSX.Element {
  const main = useRef<HTMLElement>(null);
  const place = JSON.stringify(route);
  const first = useRef(true);
  useEffect(() => {
    // A new page is read from its top, also by a screen reader.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [place]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          Millwright
        </a>
        <nav aria-label="Pages">
          <NavLink href="/" current={route.page === "overview" || route.page === "service"} text="Services" />
          <NavLink href="/assets" current={route.page === "assets" || route.page === "asset" || route.page === "series"} text="Assets" />
          <NavLink
            href="/incidents"
            current={route.page === "incidents" || route.page === "incident"}
            text="Incidents"
            count={plant.incidents.size}
          />
          <NavLink href="/alarms" current={route.page === "alarms"} text="Alarms" count={activeAlarms(plant)} />
          <NavLink href="/agents" current={route.page === "agents"} text="Agents" />
          <NavLink href="/wall" current={false} text="Wall" desk />
        </nav>
        <Connection plant={plant} />
        <ThemeButton />
        <SignOutButton />
      </header>
      <StaleBanner plant={plant} />
      <main id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
    </>
  );
}

interface NavLinkProps {
  readonly href: string;
  readonly text: string;
  readonly current: boolean;
  readonly count?: number;
  /** Of no use on a phone. */
  readonly desk?: boolean;
}

function NavLink({ href, text, current, count = 0, desk = false }: NavLinkProps): JSX.Element {
  return (
    <a href={href} class={desk ? "desk" : ""} {...(current ? { "aria-current": "page" as const } : {})}>
      {text}
      {count === 0 ? null : <span class="count">{count}</span>}
    </a>
  );
}

function activeAlarms(plant: Plant): number {
  return [...plant.alarms.values()].filter((alarm) => alarm.state !== "pending").length;
}

function Connection({ plant }: { plant: Plant }): JSX.Element {
  const now = useNow();
  return (
    <span class={plant.live ? "connection" : "connection text-unknown"}>
      <span class={plant.live ? "pulse" : "pulse lost"} aria-hidden="true" />
      {plant.live ? "Live" : "Not live"} <span class="clock">{clockTime(now, now)}</span> <span class="zone">{zoneText(now)}</span>
    </span>
  );
}

/** Says it in a whole line when what is on the screen is not the present. */
export function StaleBanner({ plant }: { readonly plant: Plant }): JSX.Element | null {
  const now = useNow();
  const since = plant.heard === 0 ? "" : ` What is shown is from ${clockTime(plant.heard, now)}, ${duration(now - plant.heard)} ago.`;
  return (
    <div role="alert" class="alert-slot">
      {plant.live || (plant.heard === 0 && plant.problem === "") ? null : (
        <p class="stale">
          <LevelMark level="unknown" />
          <span>
            <strong>Data is stale.</strong> The connection to the collector is lost.{since}
            {plant.problem === "" ? "" : ` (${plant.problem})`}
          </span>
        </p>
      )}
    </div>
  );
}

function SignOutButton(): JSX.Element | null {
  const session = useSession();
  if (session.phase !== "in" || session.view.kind !== "user") return null;
  return (
    <button type="button" class="theme" onClick={() => void signOut()}>
      Sign out {session.view.name}
    </button>
  );
}

function ThemeButton(): JSX.Element {
  const [theme, next] = useTheme();
  return (
    <button type="button" class="theme" onClick={next} title="Colours: auto, light, dark">
      <span class="hidden">Colours: </span>
      {theme === "auto" ? "Auto" : theme === "light" ? "Light" : "Dark"}
    </button>
  );
}

/** Keeps the tab's name and icon at the plant's state, and tells screen readers when the summary changes. */
export function Announcer({ plant }: { readonly plant: Plant }): JSX.Element {
  const services = [...plant.services.values()];
  const text = plant.loaded ? summary(services) : "";
  const level = worstLevel(services);
  useEffect(() => {
    if (!plant.loaded) return;
    document.title = `${plant.live ? "" : "(stale) "}${text} – Millwright`;
    showFavicon(plant.live ? level : "unknown");
  }, [text, level, plant.live, plant.loaded]);
  return (
    <div class="hidden" role="status">
      {text}
    </div>
  );
}
