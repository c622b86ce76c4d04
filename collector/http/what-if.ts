import express, { type Request, type Response } from "express";
import { z } from "zod";
import type { WhatIfView } from "../../core/service-view.ts";
import type { CollectorView, WhatIfState } from "../view.ts";
import { badRequest, type Fault, ProblemError } from "./problem.ts";
import { readQuery } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";

const states = ["ok", "warning", "major", "critical", "unknown", "maintenance"] as const satisfies readonly WhatIfState[];
const setForm = `ASSET=STATE pairs with commas between, STATE one of ${states.join(", ")}`;

const query = z.object({ set: z.string().max(16_384).meta({ description: setForm }).optional() });
const body = z.strictObject({ set: z.record(z.string(), z.enum(states)) });
const json = express.json({ limit: "64kb", type: ["application/json", "application/*+json"] });

/** What would become of services if assets stood otherwise; nothing is changed. Assets that are not set are ok. */
export function whatIfRoutes(view: CollectorView): Route[] {
  return ["/api/v1/what-if", "/api/v1/services/:id/what-if"].flatMap((path): Route[] => {
    const ofOne = path.includes(":id");
    const common = {
      path,
      summary: `Levels of ${ofOne ? "a service and those that rely on it" : "all services"} if assets stood so`,
      members: ["services"],
      ...(ofOne ? { problems: { 404: "nothing has this id" } } : {}),
    };
    return [
      { ...common, method: "get", query, handle: (request, response) => answer(view, request, response, fromQuery(request)) },
      {
        ...common,
        method: "post",
        body,
        before: [json],
        handle: (request, response) => answer(view, request, response, fromBody(request)),
      },
    ];
  });
}

function answer(view: CollectorView, request: Request, response: Response, set: ReadonlyMap<string, WhatIfState>): void {
  const unknown = [...set.keys()].filter((asset) => view.asset(asset) === undefined);
  if (unknown.length > 0) throw badRequest(unknown.map((asset) => fault(request, asset, "the id of an asset")));
  const result = view.whatIf(set);
  sendJson(response, request.params["id"] === undefined ? result : concerned(view, pathParameter(request, "id"), result));
}

/** The service that was asked for, and those that rely on it. */
function concerned(view: CollectorView, id: string, result: WhatIfView): WhatIfView {
  const service = view.service(id);
  if (service === undefined) throw new ProblemError(404, `there is no service ${JSON.stringify(id)}`);
  const wanted = new Set([id, ...service.impact]);
  return { services: Object.fromEntries(Object.entries(result.services).filter(([name]) => wanted.has(name))) };
}

function fromQuery(request: Request): ReadonlyMap<string, WhatIfState> {
  const { set = "" } = readQuery(query, request.query);
  const found = new Map<string, WhatIfState>();
  const faults: Fault[] = [];
  for (const pair of set.split(",").filter((part) => part.trim() !== "")) {
    const [, asset = "", state] = /^\s*([^=]+?)\s*=\s*([^=]+?)\s*$/.exec(pair) ?? [];
    const known = states.find((name) => name === state);
    if (known === undefined) faults.push(fault(request, pair, setForm));
    else found.set(asset, known);
  }
  if (faults.length > 0) throw badRequest(faults);
  return found;
}

function fromBody(request: Request): ReadonlyMap<string, WhatIfState> {
  const read = body.safeParse(request.body);
  if (read.success) return new Map(Object.entries(read.data.set));
  const expected = `{"set": {ASSET: STATE}} as application/json, STATE one of ${states.join(", ")}`;
  throw badRequest(
    read.error.issues.map((issue) => ({ in: "body", name: issue.path.join("."), found: valueAt(request.body, issue.path), expected })),
  );
}

function valueAt(from: unknown, path: readonly PropertyKey[]): unknown {
  let value = from;
  for (const key of path) value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function fault(request: Request, found: string, expected: string): Fault {
  return { in: request.method === "POST" ? "body" : "query", name: "set", found, expected };
}
