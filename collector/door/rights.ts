/** What somebody may do. A route asks for one of them (access.ts). */
export const rights = ["read", "metrics", "act", "admin", "ingest"] as const;
export type Right = (typeof rights)[number];

export const roles = ["viewer", "operator", "admin"] as const;
export type Role = (typeof roles)[number];

/** What each role may do. */
export const rightsOf: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ["read", "metrics"],
  operator: ["read", "metrics", "act"],
  admin: ["read", "metrics", "act", "admin"],
};

/** Who asks. */
export type Identity = {
  readonly kind: "nobody" | "user" | "token" | "agent";
  /** User, id of the token, name of the agent; `anonymous` for nobody. */
  readonly name: string;
  readonly rights: readonly Right[];
  /** Of a user. */
  readonly role?: Role;
};

export const stranger: Identity = { kind: "nobody", name: "anonymous", rights: [] };
