import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { Records } from "./records.ts";
import { type Right, rights } from "./rights.ts";

const record = z.strictObject({
  kind: z.enum(["join", "api"]),
  /** SHA-256 of the whole token, hex: 256 random bits need no slow hash. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  created: z.number(),
  expires: z.number(),
  /** Of an API token. */
  rights: z.array(z.enum(rights)).default([]),
  /** Of a join token: the one name that may be taken with it; any without it. */
  agent: z.string().optional(),
  /** Of a join token: patterns of assets that the agent may speak for; what the config gives it without them. */
  assets: z.array(z.string()).optional(),
});
export type TokenRecord = z.output<typeof record>;
export type NewToken = Pick<TokenRecord, "kind" | "name"> &
  Partial<Pick<TokenRecord, "rights" | "agent" | "assets">> & { readonly ttlMs: number; readonly now: number };

/** What a token that was shown is worth. */
export type TokenFinding =
  | { readonly kind: "good"; readonly id: string; readonly record: TokenRecord }
  | { readonly kind: "expired" | "unknown" };

const letters = { join: "j", api: "a" } as const;
// The id finds the record, so that nothing is compared with every token there is; it is no secret.
const form = /^mw([ja])_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

/** Join tokens of agents and API tokens, kept as hashes in `dir`. */
export class Tokens {
  readonly #records: Records<TokenRecord>;

  constructor(dir: string) {
    this.#records = new Records(join(dir, "tokens"), record);
  }

  /** Makes a token; its text is told here and never again. */
  create({ ttlMs, now, ...what }: NewToken): { readonly id: string; readonly token: string } {
    const id = randomBytes(6).toString("hex");
    const token = `mw${letters[what.kind]}_${id}_${randomBytes(32).toString("base64url")}`;
    const made = this.#records.create(id, { rights: [], ...what, hash: hashOf(token), created: now, expires: now + ttlMs });
    return made ? { id, token } : this.create({ ttlMs, now, ...what });
  }

  find(token: string, kind: TokenRecord["kind"], now: number): TokenFinding {
    const [, letter, id] = form.exec(token) ?? [];
    const found = id === undefined ? undefined : this.#records.get(id);
    if (id === undefined || found === undefined || letter !== letters[kind] || found.kind !== kind) return { kind: "unknown" };
    if (!timingSafeEqual(Buffer.from(hashOf(token)), Buffer.from(found.hash))) return { kind: "unknown" };
    return found.expires <= now ? { kind: "expired" } : { kind: "good", id, record: found };
  }

  /** Uses up a join token; of many who try at once, one is told true. */
  spend(id: string): boolean {
    return this.#records.remove(id);
  }

  /** Takes back a token; false where there is none. */
  revoke(id: string): boolean {
    return /^[0-9a-f]{12}$/.test(id) && this.#records.remove(id);
  }

  list(): readonly { readonly id: string; readonly record: TokenRecord }[] {
    return this.#records.ids().flatMap((id) => {
      const found = this.#records.get(id);
      return found === undefined ? [] : [{ id, record: found }];
    });
  }
}

/** Rights that an API token may have: an agent's is its key. */
export const tokenRights = ["read", "metrics", "act", "admin"] as const satisfies readonly Right[];

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
