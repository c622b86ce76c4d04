import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { ProblemError } from "../http/problem.ts";
import { accessOf } from "./access.ts";
import { type Admitted, AgentGate } from "./agent-gate.ts";
import { type Asking, bearerOf, cookieOf, isForeign, saysOrigin } from "./asking.ts";
import { Audit } from "./audit.ts";
import { EnrolledAgents } from "./enrolled.ts";
import { Limiter } from "./limiter.ts";
import { People } from "./people.ts";
import { type Identity, type Right, stranger } from "./rights.ts";
import { Tokens } from "./tokens.ts";

export interface DoorOptions {
  readonly config: Pick<Config, "users" | "assets">;
  /** Folder of the store: tokens, keys and the audit log are kept in it. */
  readonly dir: string;
  /** Only this machine reaches the listener, and no proxy stands in front of it. */
  readonly loopback: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who was let in, and what is left to check once the body is there. */
export interface Entry {
  readonly identity: Identity;
  readonly admitted?: Admitted;
}

/** The one place where it is decided who may do what (access.ts has the table). What is not allowed is denied. */
export class Door {
  readonly agents: AgentGate;
  readonly people: People;
  readonly audit: Audit;
  readonly #options: DoorOptions;
  readonly #tokens: Tokens;
  readonly #refusals: Limiter;
  #config: Pick<Config, "users" | "assets">;

  constructor(options: DoorOptions) {
    const { dir, clock, log, loopback } = options;
    this.#options = options;
    this.#config = options.config;
    this.#tokens = new Tokens(dir);
    this.#refusals = new Limiter({ clock, tries: 20, windowMs: 60_000 });
    this.audit = new Audit({ dir, clock, log });
    this.people = new People({ users: options.config.users, audit: this.audit, clock });
    const enrolled = new EnrolledAgents(dir);
    this.agents = new AgentGate({ enrolled, tokens: this.#tokens, audit: this.audit, clock, loopback, config: () => this.#config });
  }

  /** Takes over users and assets of a new config. */
  reload(config: Pick<Config, "users" | "assets">): void {
    this.#config = config;
    this.people.reload(config.users);
  }

  /** Who holds a key or a token: names, never what they hold. */
  keys(): { readonly loopback: boolean; readonly enrolled: readonly string[]; readonly tokens: ReturnType<Tokens["list"]> } {
    return { loopback: this.#options.loopback, enrolled: this.agents.names(), tokens: this.#tokens.list() };
  }

  /** Lets a request for this route (`GET /api/v1/assets/:id`) in, or throws a 401 or 403 problem. */
  enter(route: string, asking: Asking): Entry {
    const access = accessOf(route);
    if (access === undefined) throw new ProblemError(403, `nobody may ask for ${route}`);
    if (access === "ingest") {
      const admitted = this.agents.admit(asking);
      return { identity: { kind: admitted.agent === "" ? "nobody" : "agent", name: admitted.agent, rights: ["ingest"] }, admitted };
    }
    if (access === "join") return { identity: stranger };
    if (asking.method === "POST" && bearerOf(asking) === undefined) refuseForeign(asking);
    if (access === "open") return { identity: stranger };
    try {
      return { identity: this.#allowed(access, asking) };
    } catch (error) {
      if (asking.method === "POST") this.#noteRefusal(route, asking);
      throw error;
    }
  }

  /** Who asks: by API token, by session, or nobody we know. Throws a 401 problem for a token that is not good. */
  identify(asking: Asking): Identity {
    const bearer = bearerOf(asking);
    if (bearer !== undefined) return this.#ofToken(bearer);
    const cookie = cookieOf(asking);
    const user = cookie === undefined ? undefined : this.people.identity(cookie);
    return user ?? { ...stranger, rights: this.#strangersRights() };
  }

  #allowed(right: Right, asking: Asking): Identity {
    const identity = this.identify(asking);
    if (identity.rights.includes(right)) {
      if (asking.method === "POST" && identity.kind === "user" && !saysOrigin(asking))
        throw new ProblemError(403, "a request by a session says where it is from (Origin): use an API token");
      return identity;
    }
    if (identity.kind === "nobody")
      throw new ProblemError(401, "sign in, or send an API token", { headers: { "www-authenticate": 'Bearer realm="millwright"' } });
    throw new ProblemError(403, `${identity.kind} ${identity.name} may not do this: it takes the right \`${right}\``);
  }

  #ofToken(token: string): Identity {
    const found = this.#tokens.find(token, "api", this.#options.clock.now());
    if (found.kind === "good") return { kind: "token", name: found.id, rights: found.record.rights };
    const why = found.kind === "expired" ? "the API token has expired" : "there is no such API token";
    throw new ProblemError(401, why, { headers: { "www-authenticate": 'Bearer realm="millwright", error="invalid_token"' } });
  }

  /** Without users, whoever is on this machine may do everything; whoever comes from elsewhere may look. */
  #strangersRights(): readonly Right[] {
    if (this.people.any) return [];
    return this.#options.loopback ? ["read", "metrics", "act", "admin"] : ["read", "metrics"];
  }

  /** Tries of acts are written down, but nobody fills the audit log with them. */
  #noteRefusal(route: string, asking: Asking): void {
    if (this.#refusals.waitMs(asking.from) > 0) return;
    this.#refusals.hit(asking.from);
    this.audit.write({ who: this.#nameOf(asking), from: asking.from, act: route, target: asking.path, outcome: "refused" });
  }

  #nameOf(asking: Asking): string {
    try {
      return whoIs(this.identify(asking));
    } catch {
      return "unknown token";
    }
  }
}

function refuseForeign(asking: Asking): void {
  if (isForeign(asking)) throw new ProblemError(403, "a page of another site asks for this");
}

/** As the audit log names it. */
export function whoIs({ kind, name }: Identity): string {
  return kind === "nobody" ? name : `${kind} ${name}`;
}
