import { z } from "zod";
import type { RangeView } from "../../core/reading-view.ts";
import type { CollectorView } from "../view.ts";
import { assetOf } from "./plant.ts";
import { badRequest, ProblemError } from "./problem.ts";
import { idParameter, integerParameter, readQuery, timeParameter } from "./query.ts";
import { type Route, sendJson } from "./route.ts";

const hourMs = 3_600_000;
/** Most points that one answer carries: about 10 MB of JSON. */
const maxPoints = 250_000;

const assetId = idParameter("the id of an asset");
const metric = idParameter("the name of a metric, such as temperature_celsius");
const latestQuery = z.object({ asset: assetId.optional(), metric: metric.optional() });
const rangeQuery = z.object({
  asset: assetId,
  metric,
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  points: integerParameter(1, 10_000).optional(),
});

/** Newest readings, and readings over time. */
export function readingRoutes(view: CollectorView): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/readings/latest",
      summary: "Newest reading of every series, of all assets or of one, with quality, origin and alarm limits",
      query: latestQuery,
      members: ["readings"],
      problems: { 404: "there is no such asset" },
      handle(request, response) {
        const query = readQuery(latestQuery, request.query);
        const readings = view.readings(query.asset === undefined ? undefined : assetOf(view, query.asset).id);
        sendJson(response, { readings: readings.filter((one) => query.metric === undefined || one.metric === query.metric) });
      },
    },
    {
      method: "get",
      path: "/api/v1/readings/range",
      summary:
        "Readings from `from` (default: an hour before `to`) until before `to` (default: now): [time, value, quality], or with `points` [time, min, mean, max] of at most that many stretches",
      query: rangeQuery,
      members: ["series"],
      problems: { 404: "there is no such asset" },
      async handle(request, response) {
        const query = boundedRange(readQuery(rangeQuery, request.query), view.now());
        assetOf(view, query.asset);
        sendJson(response, bounded(await view.range(query)));
      },
    },
  ];
}

interface Range {
  asset: string;
  metric: string;
  from: number;
  to: number;
  points?: number;
}

function boundedRange(query: z.output<typeof rangeQuery>, now: number): Range {
  const { asset, metric: name, points, to = now, from = to - hourMs } = query;
  if (from >= to) throw badRequest([{ in: "query", name: "from", found: from, expected: `a time before \`to\`, which is ${to}` }]);
  return { asset, metric: name, from, to, ...(points === undefined ? {} : { points }) };
}

function bounded(range: RangeView): RangeView {
  const count = range.series.reduce((sum, series) => sum + series.points.length, 0);
  if (count <= maxPoints) return range;
  throw new ProblemError(400, `${count} readings, at most ${maxPoints} are answered at once: ask for less time, or for \`points\``);
}
