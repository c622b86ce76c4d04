import "uplot/dist/uPlot.min.css";
import "./app.css";
import { type JSX, render } from "preact";
import { useEffect } from "preact/hooks";
import { AgentsPage } from "./pages/agents.tsx";
import { AlarmsPage } from "./pages/alarms.tsx";
import { AssetPage } from "./pages/asset.tsx";
import { AssetsPage } from "./pages/assets.tsx";
import { IncidentPage } from "./pages/incident.tsx";
import { IncidentsPage } from "./pages/incidents.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { SeriesPage } from "./pages/series.tsx";
import { ServicePage } from "./pages/service.tsx";
import { WallPage } from "./pages/wall.tsx";
import { type Route, useRoute } from "./route.ts";
import { askSession, useSession } from "./session.ts";
import { Announcer, Shell, StaleBanner } from "./shell.tsx";
import { SignInPage } from "./sign-in.tsx";
import { followPlant, type Plant, usePlant } from "./store.ts";
import { applyTheme } from "./theme.ts";

/** Nothing is asked of the plant before it is known who looks. */
function App(): JSX.Element {
  const { phase } = useSession();
  if (phase === "out") return <SignInPage />;
  return phase === "in" ? <PlantPages /> : <p class="quiet">Loading…</p>;
}

let following = false;

function PlantPages(): JSX.Element {
  useEffect(() => {
    if (!following) followPlant();
    following = true;
  }, []);
  const plant = usePlant();
  const route = useRoute();
  if (route.page === "wall")
    return (
      <main class="wall-page">
        <StaleBanner plant={plant} />
        {plant.loaded ? <WallPage plant={plant} /> : <p class="quiet">Loading…</p>}
        <Announcer plant={plant} />
      </main>
    );
  return (
    <>
      <Shell plant={plant} route={route}>
        {plant.loaded ? <Page plant={plant} route={route} /> : <p class="quiet">{plant.problem === "" ? "Loading…" : plant.problem}</p>}
      </Shell>
      <Announcer plant={plant} />
    </>
  );
}

function Page({ plant, route }: { plant: Plant; route: Route }): JSX.Element {
  switch (route.page) {
    case "overview":
      return <OverviewPage plant={plant} />;
    case "service":
      return <ServicePage key={route.id} plant={plant} id={route.id} />;
    case "assets":
      return <AssetsPage plant={plant} />;
    case "asset":
      return <AssetPage key={route.id} plant={plant} id={route.id} />;
    case "series":
      return <SeriesPage key={`${route.id} ${route.metric}`} plant={plant} id={route.id} metric={route.metric} labels={route.labels} />;
    case "incidents":
      return <IncidentsPage plant={plant} />;
    case "incident":
      return <IncidentPage key={route.id} plant={plant} id={route.id} />;
    case "alarms":
      return <AlarmsPage plant={plant} />;
    case "agents":
      return <AgentsPage plant={plant} />;
    default:
      return (
        <div class="problem">
          <h1>There is no such page</h1>
          <p>
            <a href="/">All services</a>
          </p>
        </div>
      );
  }
}

applyTheme();
void askSession();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
