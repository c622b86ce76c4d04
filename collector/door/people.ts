import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { ProblemError } from "../http/problem.ts";
import { tooMany } from "./agent-gate.ts";
import type { Audit } from "./audit.ts";
import { Limiter } from "./limiter.ts";
import { hashPassword, isPassword, longestPassword, readHash } from "./password.ts";
import { type Identity, rightsOf } from "./rights.ts";
import { Sessions } from "./sessions.ts";

type Users = Config["users"];

export interface PeopleOptions {
  readonly users: Users;
  readonly audit: Audit;
  readonly clock: Clock;
}

const windowMs = 5 * 60_000;
/** Sign-ins that may wait for their turn: each takes a fifth of a second of a core and 32 MiB. */
const mostWaiting = 20;

/** The users of the config, and who of them is signed in. */
export class People {
  readonly sessions: Sessions;
  readonly #options: PeopleOptions;
  /** Failures from one address at one name, and from one address. */
  readonly #atName: Limiter;
  readonly #atAll: Limiter;
  #users: Users;
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();
  /** So that a name that nobody has takes as long as one that somebody has. */
  #nobody: Promise<string> | undefined;

  constructor(options: PeopleOptions) {
    const { clock } = options;
    this.#options = options;
    this.#users = options.users;
    this.#atName = new Limiter({ clock, tries: 5, windowMs });
    this.#atAll = new Limiter({ clock, tries: 20, windowMs });
    this.sessions = new Sessions(clock);
  }

  /** Somebody can sign in. */
  get any(): boolean {
    return Object.keys(this.#users).length > 0;
  }

  /** Takes over the users of a new config; sessions of those who are gone, or have another password now, end. */
  reload(users: Users): void {
    const before = this.#users;
    this.#users = users;
    this.sessions.endOf((name) => {
      const [was, is] = [userOf(before, name), userOf(users, name)];
      return was === undefined || is === undefined || !was.password.same(is.password);
    });
  }

  /** Who holds this session. */
  identity(secret: string): Identity | undefined {
    const name = this.sessions.user(secret);
    const user = name === undefined ? undefined : userOf(this.#users, name);
    return name === undefined || user === undefined ? undefined : { kind: "user", name, role: user.role, rights: rightsOf[user.role] };
  }

  /** Resolves with what the cookie is to hold. Rejects with a 401 or 429 problem. */
  async signIn({ user, password, from }: { user: string; password: string; from: string }): Promise<string> {
    const atName = `${from} ${user}`;
    const waitMs = Math.max(this.#atName.waitMs(atName), this.#atAll.waitMs(from));
    if (waitMs > 0 || this.#waiting >= mostWaiting) throw tooMany(Math.max(1000, waitMs));
    const entry = { who: `user ${user}`, from, act: "sign in", target: user };
    // Counted before it is known to fail: many tries at once are many tries.
    this.#atName.hit(atName);
    this.#atAll.hit(from);
    if (!(await this.#inTurn(() => this.#matches(user, password)))) {
      this.#options.audit.write({ ...entry, outcome: "refused" });
      throw new ProblemError(401, "no user has this name and password");
    }
    this.#atName.forget(atName);
    this.#atAll.forget(from);
    this.#options.audit.write({ ...entry, outcome: "done" });
    return this.sessions.begin(user);
  }

  async #matches(name: string, password: string): Promise<boolean> {
    const user = userOf(this.#users, name);
    const known = user !== undefined && password.length <= longestPassword;
    this.#nobody ??= hashPassword("");
    const hash = user === undefined ? await this.#nobody : user.password.reveal();
    return (await isPassword(known ? password : "", hash)) && known;
  }

  /** One after the other: nobody who knocks may take all cores. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const mine = this.#turn.then(work).finally(() => this.#waiting--);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

/** What is wrong with the users of a config: a hash that cannot be read, or is none. */
export function usersFault(users: Users): string | undefined {
  for (const [name, { password }] of Object.entries(users)) {
    try {
      readHash(password.reveal());
    } catch (error) {
      return `users.${name}.password: ${messageOf(error)}`;
    }
  }
  return undefined;
}

function userOf(users: Users, name: string): Users[string] | undefined {
  return Object.hasOwn(users, name) ? users[name] : undefined;
}
