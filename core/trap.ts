import type { AssetEvent, TrapOutcome } from "./asset-event.ts";

/** A trap or inform that an asset has sent: it came from there, with credentials of it. */
export type Trap = Omit<AssetEvent, "kind">;

/** A datagram that is not acted on. */
export interface RefusedTrap {
  readonly outcome: Exclude<TrapOutcome, "taken" | "dropped">;
  readonly address: string;
  /** What was wrong with it. */
  readonly what: string;
}

/** Who is told of what comes. Neither call throws. */
export interface TrapListener {
  /** Resolves with true once the event is durable, with false where it was dropped: an inform is then not answered, and comes again. */
  take(trap: Trap): Promise<boolean>;
  refused(refused: RefusedTrap): void;
}
