import express, { type CookieOptions, type Request } from "express";
import { z } from "zod";
import { cookieName, cookieOf } from "../door/asking.ts";
import type { Door } from "../door/door.ts";
import { longestMs } from "../door/sessions.ts";
import { askingOf } from "./entrance.ts";
import { badRequest } from "./problem.ts";
import { readQuery } from "./query.ts";
import { type Route, sendJson } from "./route.ts";

const path = "/api/v1/session";
const nothing = z.object({});
const signIn = z.strictObject({ user: z.string().min(1).max(200), password: z.string().min(1) });
const json = express.json({ limit: "8kb", type: ["application/json"] });

/** Signing in and out, and who is signed in. */
export function sessionRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path,
      summary: "Who asks, and what they may do; `sign_in` where the collector has users",
      query: nothing,
      members: ["name", "rights", "sign_in"],
      handle(request, response) {
        readQuery(nothing, request.query);
        const { kind, name, role, rights } = door.identify(askingOf(request));
        sendJson(response, { kind, name, role: role ?? null, rights, sign_in: door.people.any });
      },
    },
    {
      method: "post",
      path,
      summary: "Sign in; the answer sets the session's cookie",
      body: signIn,
      members: ["name"],
      problems: { 401: "no user has this name and password", 429: "too many tries; later, after `retry-after`" },
      before: [json],
      async handle(request, response) {
        const read = signIn.safeParse(request.body);
        if (!read.success)
          throw badRequest([
            { in: "body", name: "user, password", found: typeof request.body, expected: '{"user": ..., "password": ...}' },
          ]);
        const asking = askingOf(request);
        const secret = await door.people.signIn({ ...read.data, from: asking.from });
        // A browser that signs in anew leaves no session behind.
        const before = cookieOf(asking);
        if (before !== undefined) door.people.sessions.end(before);
        response.cookie(cookieName(asking), secret, { ...cookieOptions(request), maxAge: longestMs });
        sendJson(response, { name: read.data.user });
      },
    },
    {
      method: "post",
      path: `${path}/end`,
      summary: "Sign out",
      members: ["name"],
      handle(request, response) {
        const asking = askingOf(request);
        const secret = cookieOf(asking);
        const who = secret === undefined ? undefined : door.people.identity(secret);
        if (secret !== undefined && who !== undefined) {
          door.people.sessions.end(secret);
          door.audit.write({ who: `user ${who.name}`, from: asking.from, act: "sign out", target: who.name, outcome: "done" });
        }
        response.clearCookie(cookieName(asking), cookieOptions(request));
        sendJson(response, { name: "anonymous" });
      },
    },
  ];
}

function cookieOptions(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: "strict", secure: request.secure, path: "/" };
}
