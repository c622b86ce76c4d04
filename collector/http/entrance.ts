import type { Request, RequestHandler, Response } from "express";
import { accessOf } from "../door/access.ts";
import { type Asking, cookieOf } from "../door/asking.ts";
import { type Door, type Entry, whoIs } from "../door/door.ts";
import { type Identity, stranger } from "../door/rights.ts";
import type { Route } from "./route.ts";

/** What stands before a route's own handlers: `head` before the body is read, `body` after it. */
export interface Entrance {
  readonly head: RequestHandler;
  readonly body: RequestHandler;
}

/** `GET /api/v1/assets/:id`, as the table of access names it. */
export function nameOf(route: Pick<Route, "method" | "path">): string {
  return `${route.method.toUpperCase()} ${route.path}`;
}

/** Lets in whom the door lets in, and writes acts to the audit log. */
export function entranceTo(route: Route, door: Door): Entrance {
  const name = nameOf(route);
  const audited = route.method !== "get" && ["act", "admin"].includes(accessOf(name) ?? "");
  return {
    head(request, response, next) {
      const entry = door.enter(name, askingOf(request));
      response.locals["entry"] = entry;
      endWithSession({ route, door, request, response, entry });
      if (audited) response.once("finish", () => writeAct({ door, name, request, response, entry }));
      next();
    },
    body(request, response, next) {
      const body: unknown = request.body;
      entryOf(response)?.admitted?.check(Buffer.isBuffer(body) ? body : undefined);
      next();
    },
  };
}

/** Who asks for this: for routes that write down who did something. */
export function identityOf(response: Response): Identity {
  return entryOf(response)?.identity ?? stranger;
}

/** Whose name stands under an act: who signed in, or the token; what the body says (`given`) only where nobody has to sign in. */
export function actorOf(response: Response, given: string): string {
  const { kind, name } = identityOf(response);
  if (kind === "nobody") return given;
  return kind === "user" ? name : `token ${name}`;
}

export function askingOf(request: Request): Asking {
  return {
    // HEAD is GET without its body.
    method: request.method === "HEAD" ? "GET" : request.method,
    path: request.originalUrl,
    header: (name) => request.get(name),
    from: request.ip ?? "",
    secure: request.secure,
    // Express' `host` is what a trusted proxy says, with the port.
    host: request.host ?? "",
  };
}

/** A stream goes on for hours: it ends when the session of whoever opened it does. */
function endWithSession(stream: { route: Route; door: Door; request: Request; response: Response; entry: Entry }): void {
  const { route, door, request, response, entry } = stream;
  const secret = cookieOf(askingOf(request));
  if (route.answerType !== "text/event-stream" || entry.identity.kind !== "user" || secret === undefined) return;
  response.once(
    "close",
    door.people.sessions.onEnd(secret, () => response.destroy()),
  );
}

function entryOf(response: Response): Entry | undefined {
  return response.locals["entry"] as Entry | undefined;
}

function writeAct(act: { door: Door; name: string; request: Request; response: Response; entry: Entry }): void {
  const { door, name, request, response, entry } = act;
  const done = response.statusCode < 400;
  door.audit.write({
    who: whoIs(entry.identity),
    from: request.ip ?? "",
    act: name,
    target: request.originalUrl,
    outcome: done ? "done" : "refused",
    ...(done ? {} : { detail: `status ${response.statusCode}` }),
  });
}
