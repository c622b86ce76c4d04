import { type MetricsText, metricsContentType } from "../metrics/text.ts";
import type { CollectorView } from "../view.ts";
import { ProblemError } from "./problem.ts";
import { type Route, sendJson } from "./route.ts";

/** What machines ask: is it alive, is it ready, how does it stand. */
export function probeRoutes(view: CollectorView, metrics: MetricsText): Route[] {
  return [
    {
      method: "get",
      path: "/healthz",
      summary: "The process answers",
      members: ["status"],
      handle: (_request, response) => sendJson(response, { status: "ok" }),
    },
    {
      method: "get",
      path: "/readyz",
      summary: "Config is loaded, the store is open and the first full pass is done",
      members: ["status"],
      problems: { 503: "not ready; `detail` says why" },
      handle(_request, response) {
        const reason = view.notReady();
        if (reason !== undefined) throw new ProblemError(503, reason, { headers: { "retry-after": "1" } });
        sendJson(response, { status: "ready" });
      },
    },
    {
      method: "get",
      path: "/metrics",
      summary: "Prometheus text 0.0.4; names in docs/metrics.md",
      answerType: metricsContentType,
      async handle(_request, response) {
        const { bytes, release } = await metrics.render();
        response.once("close", release);
        response.writeHead(200, { "content-type": metricsContentType, "content-length": bytes.length, "cache-control": "no-store" });
        response.end(bytes);
      },
    },
  ];
}
