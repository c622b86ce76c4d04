import type { Express, Request, RequestHandler, Response } from "express";
import type { z } from "zod";
import type { Door } from "../door/door.ts";
import { entranceTo } from "./entrance.ts";
import { ProblemError } from "./problem.ts";
import type { QueryShape } from "./query.ts";

/** One operation: what serves it and what /openapi.json says of it come from the same place. */
export interface Route {
  readonly method: "get" | "post";
  /** `/api/v1/services/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: QueryShape;
  /** A JSON body's schema. */
  readonly body?: z.ZodType;
  /** Media type of the body where it is not JSON. */
  readonly bodyType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Media type of the answer; JSON without it. */
  readonly answerType?: string;
  /** Members that a JSON answer always has. */
  readonly members?: readonly string[];
  /** Statuses beside 200 and 400, with their meaning. */
  readonly problems?: Readonly<Record<number, string>>;
  /** Read the body before `handle`. */
  readonly before?: readonly RequestHandler[];
  handle(request: Request, response: Response): void | Promise<void>;
}

/** Registers routes behind the door; any other method on their paths is answered 405 with what is allowed. */
export function mount(app: Express, routes: readonly Route[], door: Door): void {
  const allowed = new Map<string, string[]>();
  for (const route of routes) {
    const { head, body } = entranceTo(route, door);
    app[route.method](route.path, head, ...(route.before ?? []), body, (request, response) => route.handle(request, response));
    const methods = allowed.get(route.path) ?? [];
    methods.push(...(route.method === "get" ? ["GET", "HEAD"] : ["POST"]));
    allowed.set(route.path, methods);
  }
  for (const [path, methods] of allowed) app.all(path, refuseMethod(methods));
}

export function refuseMethod(methods: readonly string[]): RequestHandler {
  const allow = methods.join(", ");
  return (request) => {
    throw new ProblemError(405, `${request.method} is not possible here, only ${allow}`, { headers: { allow } });
  };
}

/** A JSON answer that nobody keeps. */
export function sendJson(response: Response, body: unknown): void {
  response.set("cache-control", "no-store").json(body);
}

/** A parameter of the path. */
export function pathParameter(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === "string" ? value : "";
}
