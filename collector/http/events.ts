import type { Request, Response } from "express";
import { z } from "zod";
import type { CollectorEvent } from "../../core/api.ts";
import { whoIs } from "../door/door.ts";
import { identityOf } from "./entrance.ts";
import type { EventHub } from "./event-hub.ts";
import type { EventFilter } from "./event-log.ts";
import { ProblemError } from "./problem.ts";
import { idParameter, readQuery } from "./query.ts";
import type { Route } from "./route.ts";

const types = ["service", "asset", "alarm", "incident", "readings", "event", "config"] as const satisfies readonly CollectorEvent["type"][];
const eventsQuery = z.object({
  types: z
    .string()
    .regex(new RegExp(`^(${types.join("|")})(,(${types.join("|")}))*$`))
    .meta({ description: `kinds of events, any of ${types.join(", ")} with commas between` })
    .optional(),
  asset: idParameter("the id of the asset whose readings are wanted").optional(),
  last_event_id: idParameter("the id of the last event seen").optional(),
});

/** Changes as they happen (server-sent events). */
export function eventRoutes(hub: EventHub): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/events",
      summary: "Changes as server-sent events named by their type; `hello` first, `reset` where events were missed, `beat` every 15 s",
      query: eventsQuery,
      answerType: "text/event-stream",
      problems: { 429: "too many listeners of this user, token or address", 503: "too many listeners" },
      handle(request, response) {
        const query = readQuery(eventsQuery, request.query);
        const who = listenerOf(request, response);
        const full = hub.fullFor(who);
        if (full !== undefined) throw new ProblemError(full === "all" ? 503 : 429, tooMany[full], { headers: { "retry-after": "10" } });
        response.writeHead(200, {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-cache, no-transform",
          "x-accel-buffering": "no",
        });
        if (request.method === "HEAD") {
          response.end();
          return;
        }
        response.flushHeaders();
        hub.join({ who, response, filter: filterOf(query), lastId: request.get("last-event-id") ?? query.last_event_id });
      },
    },
  ];
}

const tooMany = {
  all: "as many listeners as are allowed are connected",
  one: "as many listeners as are allowed are connected by this user, token or address",
} as const;

function listenerOf(request: Request, response: Response): string {
  const identity = identityOf(response);
  return identity.kind === "nobody" ? `address ${request.ip ?? ""}` : whoIs(identity);
}

function filterOf(query: z.output<typeof eventsQuery>): EventFilter {
  return {
    ...(query.types === undefined ? {} : { types: new Set(query.types.split(",")) }),
    ...(query.asset === undefined ? {} : { asset: query.asset }),
  };
}
