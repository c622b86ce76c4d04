import { z } from "zod";
import { authProtocols, oneOf, privacyProtocols } from "./assets.ts";
import { secret } from "./values.ts";

/** A user of version 3 whose traps and informs are taken from every asset. */
const trapUser = z
  .strictObject({
    user: z.string().min(1).max(32).describe("the user's name"),
    auth: oneOf(authProtocols).optional().describe("authentication: one protocol and its passphrase"),
    privacy: oneOf(privacyProtocols).optional().describe("encryption: one protocol and its passphrase"),
  })
  .refine((user) => user.privacy === undefined || user.auth !== undefined, { path: ["auth"], message: "is missing: privacy needs auth" });

/** `agent.traps`: where an agent hears SNMP traps and informs. */
export const trapPort = z.strictObject({
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, "host:port, such as 0.0.0.0:10162")
    .describe("UDP address; ports below 1024 need a right of their own (CAP_NET_BIND_SERVICE)"),
  communities: z.array(secret).default([]).describe("communities that traps of any asset may carry, beside the asset's own"),
  users: z.array(trapUser).default([]).describe("users of version 3 that traps of any asset may come from, beside the asset's own"),
});
export type TrapPortConfig = z.output<typeof trapPort>;
