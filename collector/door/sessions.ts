import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";

/** A page that nobody looks at is signed out after this. */
const idleMs = 12 * 3_600_000;
/** A session ends after this, whatever happens. */
export const longestMs = 7 * 86_400_000;
const mostSessions = 10_000;

interface Session {
  readonly user: string;
  readonly since: number;
  seen: number;
  readonly ended: Set<() => void>;
}

/** Who is signed in. In memory: a restart signs everybody out. What is kept is the hash of what the cookie holds. */
export class Sessions {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Begins a session; returns what the cookie is to hold: 256 random bits. */
  begin(user: string): string {
    const secret = randomBytes(32).toString("base64url");
    const now = this.#clock.monotonic();
    this.#sessions.set(hashOf(secret), { user, since: now, seen: now, ended: new Set() });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > mostSessions && oldest !== undefined) this.#end(oldest);
    return secret;
  }

  /** Whose session this is; undefined where there is none (any more). */
  user(secret: string): string | undefined {
    const key = hashOf(secret);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    const now = this.#clock.monotonic();
    if (now - session.seen > idleMs || now - session.since > longestMs) {
      this.#end(key);
      return undefined;
    }
    session.seen = now;
    return session.user;
  }

  /** Calls when the session ends; returns what takes that back. */
  onEnd(secret: string, call: () => void): () => void {
    const ended = this.#sessions.get(hashOf(secret))?.ended;
    ended?.add(call);
    return () => ended?.delete(call);
  }

  end(secret: string): void {
    this.#end(hashOf(secret));
  }

  /** Ends the sessions of users for whom `gone` holds. */
  endOf(gone: (user: string) => boolean): void {
    for (const [key, { user }] of this.#sessions) if (gone(user)) this.#end(key);
  }

  #end(key: string): void {
    const session = this.#sessions.get(key);
    this.#sessions.delete(key);
    for (const call of session?.ended ?? []) call();
  }
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
