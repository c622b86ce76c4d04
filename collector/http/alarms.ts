import express, { type Request, type RequestHandler } from "express";
import { z } from "zod";
import { type AlarmAct, type AlarmActEntry, alarmActs } from "../../core/alarm-view.ts";
import type { AlarmActs } from "../alarm-acts.ts";
import type { CollectorView } from "../view.ts";
import { actorOf } from "./entrance.ts";
import { badRequest, ProblemError } from "./problem.ts";
import { integerParameter, readQuery } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";
import { who, words } from "./words.ts";

const optionalWords = words(1000).optional();
const until = z
  .union([z.int().positive(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))])
  .meta({ description: "a time in ms since epoch, or ISO 8601 with its zone" });

const bodies = {
  ack: z.strictObject({ who, comment: optionalWords }),
  unack: z.strictObject({ who, comment: optionalWords }),
  shelve: z.strictObject({ who, until, reason: words(1000) }),
  unshelve: z.strictObject({ who, comment: optionalWords }),
  "out-of-service": z.strictObject({ who, reason: words(1000) }),
  "return-to-service": z.strictObject({ who, comment: optionalWords }),
  reset: z.strictObject({ who, comment: optionalWords }),
} satisfies Record<AlarmAct, z.ZodType>;

const summaries: Readonly<Record<AlarmAct, string>> = {
  ack: "Acknowledge an alarm: it was seen",
  unack: "Take an acknowledgement back",
  shelve: "Put an alarm aside until a time, with a reason",
  unshelve: "End a shelf before its time",
  "out-of-service": "Take an alarm out of service, with a reason: it counts for nothing until it returns",
  "return-to-service": "Put an alarm back into service",
  reset: "Let a latched alarm go",
};

const json = express.json({ limit: "16kb", type: "application/json" });
const actsQuery = z.object({ limit: integerParameter(1, 500).optional() });

/** Acts on alarms. Who may act is the door's to say; where it knows who asks, that name stands in the record, whatever `who` says. */
export function alarmRoutes(view: CollectorView, acts: AlarmActs): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/alarm-acts",
      summary: "What people did to alarms, the newest first",
      query: actsQuery,
      members: ["acts"],
      handle: (request, response) => sendJson(response, { acts: acts.recent(readQuery(actsQuery, request.query).limit ?? 100) }),
    },
    ...alarmActs.map((act) => actRoute(view, acts, act)),
  ];
}

function actRoute(view: CollectorView, acts: AlarmActs, act: AlarmAct): Route {
  return {
    method: "post",
    path: `/api/v1/alarms/:id/${act}`,
    summary: summaries[act],
    body: bodies[act],
    before: [jsonOnly, json],
    members: ["id", "isa"],
    problems: {
      403: "from another site's page, or without the right to act",
      404: "no alarm has this id",
      409: "it is in no state for this",
      415: "not JSON",
    },
    async handle(request, response) {
      const id = pathParameter(request, "id");
      const entry = entryOf(id, act, request.body);
      const outcome = await acts.act({ ...entry, by: actorOf(response, entry.by) });
      if (outcome.kind === "unknown") throw new ProblemError(404, `there is no alarm ${JSON.stringify(id)}`);
      if (outcome.kind === "refused") throw new ProblemError(409, outcome.why);
      sendJson(response, view.alarms(true).find((alarm) => alarm.id === id) ?? { id, isa: "normal" });
    },
  };
}

function entryOf(alarm: string, act: AlarmAct, body: unknown): Omit<AlarmActEntry, "at"> {
  const read = bodies[act].safeParse(body);
  if (!read.success) throw badRequest(read.error.issues.flatMap((issue) => faultsOf(issue, body, bodies[act].shape)));
  const given: { who: string; comment?: string | undefined; reason?: string; until?: number } = read.data;
  return { alarm, act, by: given.who, comment: given.reason ?? given.comment ?? "", until: given.until ?? null };
}

function faultsOf(issue: z.core.$ZodIssue, body: unknown, shape: Readonly<Record<string, z.ZodType>>): Parameters<typeof badRequest>[0] {
  const foundAt = (name: string): unknown => (typeof body === "object" && body !== null ? Reflect.get(body, name) : body);
  const one = (name: string, expected: string) => ({ in: "body" as const, name, found: foundAt(name), expected });
  if (issue.code === "unrecognized_keys") return issue.keys.map((name) => one(name, `one of the members ${Object.keys(shape).join(", ")}`));
  const [name] = issue.path;
  if (name === undefined) return [{ in: "body", name: "", found: body, expected: `a JSON object with ${Object.keys(shape).join(", ")}` }];
  return [
    one(
      String(name),
      name === "until" ? (until.description ?? "") : name === "who" ? (who.description ?? "") : (words(1000).description ?? ""),
    ),
  ];
}

/** A form of another page cannot send this type without asking first (CORS). */
const jsonOnly: RequestHandler = (request: Request, _response, next) => {
  if (request.is("application/json") === "application/json") return next();
  throw new ProblemError(415, "acts on alarms are sent as application/json");
};
