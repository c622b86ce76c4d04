import express, { type Request } from "express";
import { z } from "zod";
import type { CollectorView } from "../view.ts";
import { actorOf } from "./entrance.ts";
import { badRequest, ProblemError } from "./problem.ts";
import { idParameter, integerParameter, readQuery, timeParameter } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";

const states = ["open", "resolved"] as const;
const nothing = z.object({});
const query = z.object({
  state: z
    .enum(states)
    .meta({ description: `one of ${states.join(", ")}` })
    .optional(),
  service: idParameter("the id of a service that is or was hurt").optional(),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit: integerParameter(1, 1000).optional(),
});
const body = z.strictObject({ by: z.string().min(1).max(200), comment: z.string().max(1000).default("") });
const json = express.json({ limit: "16kb", type: ["application/json"] });
const maxListed = 200;

/** Incidents, open and recent, and their acknowledgement. */
export function incidentRoutes({ duty }: CollectorView): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/incidents",
      summary: "Incidents, the newest first: their causes, every service they hurt, and what happened",
      query,
      members: ["incidents"],
      handle(request, response) {
        const { limit = maxListed, ...asked } = readQuery(query, request.query);
        sendJson(response, { incidents: duty.incidents({ ...asked, limit }) });
      },
    },
    {
      method: "get",
      path: "/api/v1/incidents/:id",
      summary: "One incident",
      members: ["id", "title", "state", "level"],
      problems: { 404: "nothing has this id" },
      handle(request, response) {
        readQuery(nothing, request.query);
        const id = pathParameter(request, "id");
        const found = duty.incident(id);
        if (found === undefined) throw new ProblemError(404, `there is no incident ${JSON.stringify(id)}`);
        sendJson(response, found);
      },
    },
    {
      method: "post",
      path: "/api/v1/incidents/:id/acknowledge",
      summary: "Says that somebody has an incident in hand: it is neither told again nor escalated by time until it gets worse",
      body,
      before: [json],
      members: ["id", "ack"],
      problems: { 404: "no open incident has this id" },
      handle(request, response) {
        const id = pathParameter(request, "id");
        const ack = readAck(request);
        const found = duty.acknowledge(id, { ...ack, by: actorOf(response, ack.by) });
        if (found === undefined) throw new ProblemError(404, `there is no open incident ${JSON.stringify(id)}`);
        sendJson(response, found);
      },
    },
  ];
}

function readAck(request: Request): z.output<typeof body> {
  const read = body.safeParse(request.body);
  if (read.success) return read.data;
  const expected = '{"by": NAME, "comment": TEXT} as application/json';
  throw badRequest([{ in: "body", name: "", found: null, expected }]);
}
