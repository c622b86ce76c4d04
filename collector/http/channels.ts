import express, { type Request } from "express";
import { z } from "zod";
import type { IncidentDesk } from "../notify/duty.ts";
import { badRequest, ProblemError } from "./problem.ts";
import { readQuery } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";
import { words } from "./words.ts";

const nothing = z.object({});
const body = z.strictObject({ id: words(100).optional() });
const json = express.json({ limit: "16kb", type: ["application/json"] });

/** How channels stand, and what is done about messages that nobody took. */
export function channelRoutes(duty: IncidentDesk): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/notify/channels",
      summary: "Every channel: what waits, since when, the last success and error, and the messages that were given up, with the reason",
      members: ["channels"],
      async handle(request, response) {
        readQuery(nothing, request.query);
        sendJson(response, { channels: await duty.channelViews() });
      },
    },
    {
      method: "post",
      path: "/api/v1/notify/channels/:id/retry",
      summary: "Sends the messages that were given up again, or the one with this `id`",
      body,
      before: [json],
      members: ["retried"],
      problems: { 404: "there is no such channel, or it has no such message" },
      async handle(request, response) {
        const channel = pathParameter(request, "id");
        const { id } = readRetry(request);
        const retried = await duty.retry(channel, id);
        if (retried === undefined) throw new ProblemError(404, `there is no channel ${JSON.stringify(channel)}`);
        if (id !== undefined && retried === 0)
          throw new ProblemError(404, `channel ${channel} has given up no message ${JSON.stringify(id)}`);
        sendJson(response, { retried });
      },
    },
  ];
}

function readRetry(request: Request): z.output<typeof body> {
  const read = body.safeParse(request.body);
  if (read.success) return read.data;
  throw badRequest([{ in: "body", name: "", found: null, expected: '{} or {"id": MESSAGE} as application/json' }]);
}
