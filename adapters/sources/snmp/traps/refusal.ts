import type { RefusedTrap } from "../../../../core/trap.ts";
import type { Sender } from "./senders.ts";

/** A datagram that is not acted on; `report` tells a sender of v3 why. */
export interface RefusedHere extends Pick<RefusedTrap, "outcome" | "what"> {
  readonly kind: "refused";
  readonly report?: Buffer;
}

export function refused(outcome: RefusedTrap["outcome"], what: string, report?: Buffer): RefusedHere {
  return { kind: "refused", outcome, what, ...(report === undefined ? {} : { report }) };
}

/** Nobody's, or that of several. */
export function notOne(sender: Exclude<Sender, { kind: "asset" }>, what: string): RefusedHere {
  if (sender.kind === "denied") return refused("denied", what);
  return refused("ambiguous", `it may be of ${sender.assets.slice(0, 5).join(", ")}: give them credentials of their own`);
}
