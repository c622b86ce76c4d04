import express from "express";
import { messageOf } from "../../core/errors.ts";
import { enrolBody } from "../door/agent-gate.ts";
import type { Door } from "../door/door.ts";
import { askingOf } from "./entrance.ts";
import { badRequest, ProblemError } from "./problem.ts";
import { type Route, sendJson } from "./route.ts";

const expected = '{"agent": NAME, "key": SubjectPublicKeyInfo in base64, "proof": signature}';

/** Where an agent hands over its public key. */
export function enrolRoutes(door: Door): Route[] {
  return [
    {
      method: "post",
      path: "/api/v1/enrol",
      summary: "Enrol an agent by a join token (`Authorization: Bearer`), or change its key by a request that its present key signs",
      body: enrolBody,
      members: ["agent"],
      problems: {
        401: "neither a join token that is good nor the signature of an agent",
        403: "the token is for another agent",
        409: "an agent of this name is enrolled",
        429: "too many tries; later, after `retry-after`",
      },
      // The signature covers the bytes as they came.
      before: [express.raw({ type: () => true, limit: "4kb", inflate: false })],
      handle(request, response) {
        const raw: unknown = request.body;
        const bytes = Buffer.isBuffer(raw) ? raw : Buffer.alloc(0);
        const read = enrolBody.safeParse(parse(bytes));
        if (!read.success) throw badRequest([{ in: "body", name: "", found: "something else", expected }]);
        door.agents.enrol(askingOf(request), read.data, bytes);
        sendJson(response, { agent: read.data.agent });
      },
    },
  ];
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new ProblemError(400, `the body is not JSON: ${messageOf(error)}`);
  }
}
