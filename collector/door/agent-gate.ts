import { z } from "zod";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { isProof, isSignedBy, signatureHeader, signedHeaders } from "../../core/signature.ts";
import { ProblemError } from "../http/problem.ts";
import { type Asking, bearerOf } from "./asking.ts";
import type { Audit } from "./audit.ts";
import { type EnrolledAgents, type EnrolledRecord, isAgentName, matchesAny } from "./enrolled.ts";
import { Limiter } from "./limiter.ts";
import { ReplayGuard } from "./replay.ts";
import type { Tokens } from "./tokens.ts";

export interface AgentGateOptions {
  readonly enrolled: EnrolledAgents;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Only this machine reaches the listener. */
  readonly loopback: boolean;
  readonly config: () => Pick<Config, "assets">;
}

/** A request of an agent that was let in by its head; the signature is checked once the body is there. */
export interface Admitted {
  readonly agent: string;
  /** Throws a 401 problem where the signature is not the agent's. */
  check(body: Buffer | undefined): void;
}

/** What an agent that wants to enrol, or to change its key, sends. */
export const enrolBody = z.strictObject({
  agent: z.string().refine(isAgentName),
  key: z.string().max(100),
  proof: z.string().max(100),
});
export type EnrolBody = z.output<typeof enrolBody>;

const notOurs = "it is not signed with the key of an agent that is enrolled here (millwright enrol)";
const unsigned: Admitted = { agent: "", check() {} };

/** Who may send readings: agents by their keys, and on loopback anybody while no agent is enrolled. */
export class AgentGate {
  readonly #options: AgentGateOptions;
  readonly #replays = new ReplayGuard();
  readonly #failures: Limiter;

  constructor(options: AgentGateOptions) {
    this.#options = options;
    this.#failures = new Limiter({ clock: options.clock, tries: 20, windowMs: 5 * 60_000 });
  }

  /** Judges a request for the ingest by its head. Throws a 401 or 403 problem. */
  admit(asking: Asking): Admitted {
    const signature = asking.header(signatureHeader);
    if (signature === undefined) return this.#admitUnsigned();
    const agent = asking.header(signedHeaders.agent) ?? "";
    const record = this.#options.enrolled.get(agent);
    if (record === undefined) throw new ProblemError(401, notOurs);
    if (asking.method === "POST" && asking.header(signedHeaders.seq) === undefined)
      throw new ProblemError(401, `a signed request says ${signedHeaders.seq}, so that nobody can repeat it`);
    const asked = new URL(asking.path, "http://x").searchParams.get("agent");
    if (asking.method !== "POST" && asked !== agent) throw new ProblemError(403, `agent ${agent} asks for another agent's mark`);
    return { agent, check: (body) => this.#check({ asking, agent, record, signature, body }) };
  }

  #admitUnsigned(): Admitted {
    const { loopback, enrolled } = this.#options;
    if (loopback && enrolled.names().length === 0) return unsigned;
    throw new ProblemError(
      401,
      `it is not signed: ${loopback ? "agents are enrolled" : "the listener is not on loopback"} (millwright enrol)`,
    );
  }

  #check(shown: { asking: Asking; agent: string; record: EnrolledRecord; signature: string; body: Buffer | undefined }): void {
    const { asking, agent, record, signature, body } = shown;
    const { enrolled, clock } = this.#options;
    const request = {
      method: asking.method,
      path: asking.path,
      agent,
      epoch: asking.header(signedHeaders.epoch) ?? "",
      seq: asking.header(signedHeaders.seq) ?? "",
      sentAt: asking.header(signedHeaders.sentAt) ?? "",
      body,
    };
    const keys = [record.key, ...(record.previous === undefined ? [] : [record.previous])];
    const used = keys.find((key) => isSignedBy(request, signature, enrolled.key(key)));
    if (used === undefined) throw new ProblemError(401, notOurs);
    const sentAt = /^\d{1,16}$/.test(request.sentAt) ? Number(request.sentAt) : 0;
    const fault = this.#replays.fault({ agent, signature, sentAt, now: clock.now() });
    if (fault !== undefined) throw new ProblemError(401, fault);
    if (used !== record.key || record.previous === undefined) return;
    // The new key is in use: the one before it is done.
    const { previous: _, ...settled } = record;
    enrolled.replace(agent, settled);
  }

  /** Agents that are enrolled. */
  names(): readonly string[] {
    return this.#options.enrolled.names();
  }

  /** Which assets an agent may speak for. Unsigned agents are held to nothing: they are let in where anybody may do anything. */
  reach(agent: string): (asset: string) => boolean {
    const record = this.#options.enrolled.get(agent);
    if (record === undefined) return () => true;
    const { assets: patterns } = record;
    if (patterns !== undefined) return (asset) => matchesAny(patterns, asset);
    const { assets } = this.#options.config();
    return (asset) => {
      const owner = Object.hasOwn(assets, asset) ? assets[asset]?.agent : undefined;
      return owner === undefined || owner === agent;
    };
  }

  /** Enrols an agent by a join token, or takes its new key. Throws a 4xx problem. */
  enrol(asking: Asking, body: EnrolBody, raw: Buffer): void {
    const { audit, clock } = this.#options;
    const waitMs = this.#failures.waitMs(asking.from);
    if (waitMs > 0) throw tooMany(waitMs);
    const entry = { who: `agent ${body.agent}`, from: asking.from, act: "enrol", target: body.agent };
    try {
      if (!isProven(body)) throw new ProblemError(400, "`proof` is not made with the private half of `key`");
      const act = this.#takeKey({ asking, body, raw, now: clock.now() });
      if (act !== undefined) audit.write({ ...entry, act, outcome: "done" });
    } catch (error) {
      this.#failures.hit(asking.from);
      audit.write({ ...entry, outcome: "refused", detail: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  /** What was done; undefined where the agent has this key already: the answer to its first try was lost. */
  #takeKey({ asking, body, raw, now }: { asking: Asking; body: EnrolBody; raw: Buffer; now: number }): string | undefined {
    const { enrolled } = this.#options;
    const record = enrolled.get(body.agent);
    if (record?.key === body.key) return undefined;
    const signature = asking.header(signatureHeader);
    if (signature !== undefined) {
      if (record === undefined || asking.header(signedHeaders.agent) !== body.agent) throw new ProblemError(401, notOurs);
      this.#check({ asking, agent: body.agent, record, signature, body: raw });
      const { previous: _, ...settled } = record;
      enrolled.replace(body.agent, { ...settled, key: body.key, previous: record.key, rotated: now });
      return "rotate key";
    }
    this.#join({ asking, body, now, taken: record !== undefined });
    return "enrol";
  }

  #join({ asking, body, now, taken }: { asking: Asking; body: EnrolBody; now: number; taken: boolean }): void {
    const { tokens, enrolled } = this.#options;
    const found = tokens.find(bearerOf(asking) ?? "", "join", now);
    if (found.kind !== "good")
      throw new ProblemError(401, found.kind === "expired" ? "the join token has expired" : "there is no such join token (any more)");
    const { agent, assets } = found.record;
    if (agent !== undefined && agent !== body.agent) throw new ProblemError(403, `this join token is not for agent ${body.agent}`);
    if (taken) throw new ProblemError(409, `agent ${body.agent} is enrolled already, with another key: revoke it first`);
    if (!tokens.spend(found.id)) throw new ProblemError(401, "there is no such join token (any more)");
    const added = enrolled.add(body.agent, { key: body.key, enrolled: now, ...(assets === undefined ? {} : { assets }) });
    if (!added) throw new ProblemError(409, `agent ${body.agent} is enrolled already, with another key: revoke it first`);
  }
}

export function tooMany(waitMs: number): ProblemError {
  return new ProblemError(429, "too many tries that were refused: later", {
    headers: { "retry-after": `${Math.ceil(waitMs / 1000)}` },
  });
}

function isProven(body: EnrolBody): boolean {
  try {
    return isProof(body);
  } catch {
    return false;
  }
}
