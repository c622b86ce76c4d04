import { z } from "zod";
import type { CollectorView } from "../view.ts";
import { assetOf } from "./plant.ts";
import { badRequest } from "./problem.ts";
import { integerParameter, readQuery, timeParameter } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";

const weekMs = 7 * 86_400_000;
const usualLimit = 100;
const eventsQuery = z.object({
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit: integerParameter(1, 1000).optional(),
});

/** What an asset told of its own accord. */
export function assetEventRoutes(view: CollectorView): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/assets/:id/events",
      summary:
        "What the asset told of its own accord (SNMP traps), the newest first: from `from` (default: a week before `to`) until before `to` (default: the end), at most `limit` (100)",
      query: eventsQuery,
      members: ["events"],
      problems: { 404: "nothing has this id" },
      async handle(request, response) {
        const query = readQuery(eventsQuery, request.query);
        const asset = assetOf(view, pathParameter(request, "id")).id;
        const { to = Number.MAX_SAFE_INTEGER, limit = usualLimit } = query;
        const from = query.from ?? Math.min(to, view.now()) - weekMs;
        if (from >= to) throw badRequest([{ in: "query", name: "from", found: from, expected: `a time before \`to\`, which is ${to}` }]);
        sendJson(response, { events: await view.events({ asset, from, to, limit }) });
      },
    },
  ];
}
