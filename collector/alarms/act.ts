import type { AlarmAct, AlarmActEntry } from "../../core/alarm-view.ts";
import type { AlarmEngine } from "./engine.ts";
import { type HandlingEvent, isaAckable, isaState } from "./isa.ts";
import { isLatched, type Watch } from "./watch.ts";

/** Longest shelf, ms: what is put aside for longer is to be taken out of service (OPC UA Part 9, MaxTimeShelved). */
const maxShelfMs = 7 * 86_400_000;

/** What became of an act. `refused`: the alarm is in no state for it; `why` is a sentence. */
export type ActOutcome = { readonly kind: "done" } | { readonly kind: "unknown" } | { readonly kind: "refused"; readonly why: string };

/** Why an act is not possible now, as a sentence; undefined where it is. */
export function refusal(watch: Watch, entry: AlarmActEntry): string | undefined {
  const { handling } = watch;
  const isa = isaState(handling, isLatched(watch));
  const unless = (possible: boolean, why: string): string | undefined => (possible ? undefined : `${watch.id} is ${isa}: ${why}`);
  switch (entry.act) {
    case "ack":
      return unless(isaAckable(handling), "there is nothing to acknowledge");
    case "unack":
      return unless(handling.acked !== undefined && isa === "acknowledged", "it is not acknowledged");
    case "shelve":
      return shelfFault(entry);
    case "unshelve":
      return unless(handling.shelf !== undefined, "it is not shelved");
    case "out-of-service":
      return unless(handling.outOfService === undefined, "it is out of service already");
    case "return-to-service":
      return unless(handling.outOfService !== undefined, "it is in service");
    case "reset":
      return unless(
        watch.state.levels.some((level) => level.phase === "latched"),
        "only a latched alarm can be reset",
      );
  }
}

function shelfFault({ until, at }: AlarmActEntry): string | undefined {
  if (until === null || until <= at) return "a shelf has to end in the future";
  return until > at + maxShelfMs ? "a shelf lasts 7 days at most: an alarm that is of no use for longer goes out of service" : undefined;
}

/** Does to an alarm what people want, at the time of the entry. */
export function perform(engine: AlarmEngine, entry: AlarmActEntry): ActOutcome {
  const watch = engine.find(entry.alarm);
  if (watch === undefined) return { kind: "unknown" };
  const why = refusal(watch, entry);
  if (why !== undefined) return { kind: "refused", why };
  // Who resets it has seen it.
  engine.handle(watch.id, handlingEvent[entry.act](entry));
  if (entry.act === "reset") engine.reset(watch.id, entry.at);
  return { kind: "done" };
}

const handlingEvent: Readonly<Record<AlarmAct, (entry: AlarmActEntry) => HandlingEvent>> = {
  ack: (entry) => ({ kind: "ack", act: actOf(entry) }),
  unack: () => ({ kind: "unack" }),
  shelve: (entry) => ({ kind: "shelve", shelf: { ...actOf(entry), until: entry.until ?? entry.at } }),
  unshelve: () => ({ kind: "unshelve" }),
  "out-of-service": (entry) => ({ kind: "out-of-service", act: actOf(entry) }),
  "return-to-service": () => ({ kind: "return-to-service" }),
  reset: (entry) => ({ kind: "ack", act: actOf(entry) }),
};

function actOf({ by, at, comment }: AlarmActEntry): { by: string; at: number; comment: string } {
  return { by, at, comment };
}
