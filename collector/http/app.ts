import compression from "compression";
import express from "express";
import type { SecurityView } from "../../core/api.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { AlarmActs } from "../alarm-acts.ts";
import type { Door } from "../door/door.ts";
import type { Intake } from "../intake.ts";
import { createProcessMetrics } from "../metrics/process.ts";
import { createMetricsText } from "../metrics/text.ts";
import type { ServiceLevels } from "../slo/service-levels.ts";
import type { CollectorView } from "../view.ts";
import { alarmRoutes } from "./alarms.ts";
import { assetEventRoutes } from "./asset-events.ts";
import { channelRoutes } from "./channels.ts";
import { enrolRoutes } from "./enrol.ts";
import { EventHub, type EventLimits } from "./event-hub.ts";
import { eventRoutes } from "./events.ts";
import { decodablePath, hostGuard, securityHeaders } from "./guard.ts";
import { incidentRoutes } from "./incidents.ts";
import { ingestRoutes } from "./ingest.ts";
import { openApiRoute } from "./openapi.ts";
import { plantRoutes } from "./plant.ts";
import { probeRoutes } from "./probes.ts";
import { ProblemError, problems } from "./problem.ts";
import { readingRoutes } from "./readings.ts";
import { mount } from "./route.ts";
import { securityRoutes } from "./security.ts";
import { serviceLevelRoutes } from "./service-levels.ts";
import { sessionRoutes } from "./session.ts";
import { topologyRoutes } from "./topology.ts";
import { mountUi } from "./ui.ts";
import { whatIfRoutes } from "./what-if.ts";

export interface HttpOptions {
  readonly view: CollectorView;
  readonly ingest: Intake;
  /** Decides who may do what. */
  readonly door: Door;
  readonly levels: ServiceLevels;
  /** What people may do to alarms; without it nobody may do anything. */
  readonly acts?: AlarmActs;
  /** How the collector is guarded, and what is weak. */
  readonly security: () => SecurityView;
  readonly log: Log;
  /** Folder of the built UI: dist/web. */
  readonly webRoot: string;
  /** `host:port` of config: a name in it may be asked for in `Host`. */
  readonly listen?: string;
  /** Further names in `Host`: of a proxy, or of this machine in DNS. */
  readonly hosts?: readonly string[];
  /** Addresses of proxies whose X-Forwarded-* headers are believed. */
  readonly trustProxy?: readonly string[];
  readonly clock?: Clock;
  readonly events?: Partial<EventLimits>;
}

/**
 * The collector over HTTP: API, events, ingest, metrics, probes and the browser UI. It reads the view and hands batches to the
 * intake, acts on alarms to theirs; it holds no state of its own but listeners. Event streams end with their sockets: `server.closeAllConnections()`.
 */
export function createHttp(options: HttpOptions): express.Express {
  const { view, log, door } = options;
  const metrics = createProcessMetrics();
  const hub = new EventHub({ view, clock: options.clock ?? idleClock(), metrics, limits: options.events ?? {} });
  const routes = [
    ...plantRoutes(view),
    ...assetEventRoutes(view),
    ...topologyRoutes(view),
    ...incidentRoutes(view, options.acts),
    ...channelRoutes(view.duty),
    ...whatIfRoutes(view),
    ...serviceLevelRoutes(options.levels, () => view.now()),
    ...(options.acts === undefined ? [] : alarmRoutes(view, options.acts)),
    ...readingRoutes(view),
    ...eventRoutes(hub),
    ...ingestRoutes(options.ingest, () => view.now()),
    ...enrolRoutes(door),
    ...sessionRoutes(door),
    ...securityRoutes(options.security),
    ...probeRoutes(view, createMetricsText(view, metrics)),
  ];
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("trust proxy", options.trustProxy?.length ? [...options.trustProxy] : false);
  app.use(securityHeaders(), hostGuard(options.listen ?? "127.0.0.1", options.hosts ?? []), decodablePath, compression({ level: 1 }));
  mount(app, [...routes, openApiRoute(routes)], door);
  mountUi(app, options.webRoot);
  app.use((request) => {
    throw new ProblemError(404, `there is nothing at ${request.path}`);
  });
  app.use(problems(log));
  return app;
}

/** The machine's clock, whose timers do not keep the process alive: they only serve listeners. */
function idleClock(): Clock {
  const clock = systemClock();
  return {
    ...clock,
    after(ms, call) {
      const timer = setTimeout(call, ms).unref();
      return () => clearTimeout(timer);
    },
  };
}
