import type { KeyObject } from "node:crypto";
import { type Clock, pause } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { proveKey, publicKeyOf } from "../core/signature.ts";
import type { Answer, Ask, CollectorClient } from "./client.ts";
import type { Identity } from "./identity.ts";
import { reasonOf } from "./verdict.ts";

/** The collector does not take this agent's key. */
export class EnrolError extends Error {
  override readonly name = "EnrolError";
}

export interface Enrolment {
  readonly agent: string;
  /** Signs what it sends with the agent's present key, where it has one. */
  readonly client: Pick<CollectorClient, "ask">;
  readonly identity: Identity;
  readonly clock: Pick<Clock, "now">;
  /** One-time join token; without it the key is changed by the word of the present one. */
  readonly token?: string;
}

/** Hands a new public key to the collector, once. Rejects with EnrolError where it is refused, else with what went wrong. */
export async function enrol({ agent, client, identity, clock, token }: Enrolment, signal: AbortSignal): Promise<void> {
  const answer = await client.ask(enrolRequest({ agent, key: identity.pending(), token, now: clock.now() }), signal);
  if (answer.status !== 200) throw refusal(agent, answer);
  identity.accept();
}

function enrolRequest({ agent, key, token, now }: { agent: string; key: KeyObject; token: string | undefined; now: number }): Ask {
  const body = Buffer.from(JSON.stringify({ agent, key: publicKeyOf(key), proof: proveKey(agent, key) }), "utf8");
  const headers = {
    "content-type": "application/json",
    "x-millwright-agent": agent,
    "x-millwright-epoch": "enrol",
    "x-millwright-seq": "1",
    "x-millwright-sent-at": String(now),
  };
  // The token stands for an agent without a key: nothing is signed beside it.
  if (token !== undefined)
    return { method: "POST", path: "/api/v1/enrol", headers: { ...headers, authorization: `Bearer ${token}` }, body };
  return { method: "POST", path: "/api/v1/enrol", headers, body };
}

function refusal(agent: string, answer: Answer): Error {
  const text = `agent ${agent}: the collector ${reasonOf(answer)}`;
  return answer.status >= 400 && answer.status < 500 && answer.status !== 429 ? new EnrolError(text) : new Error(text);
}

const retry = { minMs: 5_000, maxMs: 60_000 };

/**
 * Enrols an agent that has a join token and no key, however long the collector is away; an agent that has a key is enrolled. Resolves
 * when it may send, or was stopped.
 */
export async function enrolAtStart(
  enrolment: Omit<Enrolment, "token" | "clock"> & { readonly token: () => string; readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { agent, identity, clock, log } = enrolment;
  for (let waitMs = retry.minMs; identity.key() === undefined && !signal.aborted; waitMs = Math.min(retry.maxMs, 2 * waitMs)) {
    try {
      await enrol({ ...enrolment, token: enrolment.token() }, signal);
      log.info({ agent, key: identity.publicKey() }, "agent is enrolled");
    } catch (error) {
      if (signal.aborted) return;
      log.error({ agent, reason: messageOf(error) }, "agent is not enrolled, spooling");
      await pause(clock, waitMs, signal);
    }
  }
}
