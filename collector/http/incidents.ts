import express, { type Request } from "express";
import { z } from "zod";
import type { AlarmActs } from "../alarm-acts.ts";
import type { CollectorView } from "../view.ts";
import { actorOf } from "./entrance.ts";
import { badRequest, ProblemError } from "./problem.ts";
import { idParameter, integerParameter, readQuery, timeParameter } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";
import { who, words } from "./words.ts";

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
const body = z.strictObject({ by: who, comment: words(1000).optional(), alarms: z.boolean().default(false) });
const json = express.json({ limit: "16kb", type: ["application/json"] });
const maxListed = 200;

/** Incidents, open and recent, and their acknowledgement. */
export function incidentRoutes(view: CollectorView, acts: AlarmActs | undefined): Route[] {
  const { duty } = view;
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
      summary: "One incident, and which channel was told what of it",
      members: ["id", "title", "state", "level", "told"],
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
      summary:
        "Says that somebody has an incident in hand: it is neither told again nor escalated by time until it gets worse. With `alarms` the alarms of its causes are acknowledged, too",
      body,
      before: [json],
      members: ["id", "ack"],
      problems: { 404: "no open incident has this id" },
      async handle(request, response) {
        const id = pathParameter(request, "id");
        const { alarms, comment = "", by: named } = readAck(request);
        const by = actorOf(response, named);
        const found = duty.acknowledge(id, { by, comment });
        if (found === undefined) throw new ProblemError(404, `there is no open incident ${JSON.stringify(id)}`);
        if (alarms) for (const alarm of unseen(view, found.causes)) await acts?.act({ alarm, act: "ack", by, comment, until: null });
        sendJson(response, found);
      },
    },
  ];
}

/** Alarms of these assets that nobody has acknowledged. */
function unseen(view: CollectorView, causes: readonly string[]): readonly string[] {
  const assets = new Set(causes);
  const waiting = view
    .alarms(true)
    .filter(({ asset, isa }) => assets.has(asset) && (isa === "unacknowledged" || isa === "returned-unacknowledged"));
  return waiting.map(({ id }) => id);
}

function readAck(request: Request): z.output<typeof body> {
  const read = body.safeParse(request.body);
  if (read.success) return read.data;
  const expected = '{"by": NAME, "comment": TEXT, "alarms": true|false} as application/json, texts without control characters';
  throw badRequest([{ in: "body", name: "", found: null, expected }]);
}
