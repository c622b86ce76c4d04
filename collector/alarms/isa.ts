import type { IsaState } from "../../core/alarm-view.ts";
import type { Level } from "../../core/level.ts";

/** What somebody did to an alarm, and when. */
export interface Act {
  readonly by: string;
  /** ms since epoch. */
  readonly at: number;
  readonly comment: string;
}

/** Put aside until a time; always with a reason and an author. */
export interface Shelf extends Act {
  readonly until: number;
}

/**
 * The side of an alarm that people see (ISA-18.2 / IEC 62682), beside what its process does (`AlarmState`): nothing here changes
 * how readings are judged. States as in data/alarms/isa-18-2-transitions.json.
 */
export interface Handling {
  /** Level of the process, 0 while it is not in alarm. A latched alarm is in alarm until it is reset. */
  readonly level: Level;
  /** Somebody has yet to see it: in alarm, or returned to normal meanwhile. */
  readonly unseen: boolean;
  readonly acked?: Act | undefined;
  readonly shelf?: Shelf | undefined;
  /** Why it is suppressed by design. */
  readonly suppressed?: string | undefined;
  readonly outOfService?: Act | undefined;
  /** People were told of it, and not of its end yet. */
  readonly announced: boolean;
  /** It was the first one in alarm of its group, of which some are still in alarm. */
  readonly first?: boolean | undefined;
}

export type HandlingEvent =
  /** The process is in alarm at this level, or at 0 not in alarm; `pending`: it may be again once its on-delay has run out. */
  | { readonly kind: "process"; readonly level: Level; readonly pending?: boolean }
  | { readonly kind: "ack"; readonly act: Act }
  | { readonly kind: "unack" }
  | { readonly kind: "shelve"; readonly shelf: Shelf }
  | { readonly kind: "unshelve" }
  | { readonly kind: "suppress"; readonly why: string | undefined }
  | { readonly kind: "out-of-service"; readonly act: Act }
  | { readonly kind: "return-to-service" }
  | { readonly kind: "first"; readonly first: boolean }
  /** People are told of it now. */
  | { readonly kind: "announce" };

export const untouched: Handling = {
  level: 0,
  unseen: false,
  acked: undefined,
  shelf: undefined,
  suppressed: undefined,
  outOfService: undefined,
  announced: false,
  first: undefined,
};

/** Nobody is told of it while this holds. */
export function isMuted({ shelf, suppressed, outOfService }: Handling): boolean {
  return shelf !== undefined || suppressed !== undefined || outOfService !== undefined;
}

/** The ISA-18.2 state; of several reasons for silence the strongest. `latched`: its process is normal and it waits for a reset. */
export function isaState(handling: Handling, latched: boolean): IsaState {
  if (handling.outOfService !== undefined) return "out-of-service";
  if (handling.shelf !== undefined) return "shelved";
  if (handling.suppressed !== undefined) return "suppressed-by-design";
  if (latched) return "latched";
  if (handling.level === 0) return handling.unseen ? "returned-unacknowledged" : "normal";
  return handling.unseen ? "unacknowledged" : "acknowledged";
}

/** It is in alarm, nothing mutes it, and nobody was told yet. */
export function isNews(handling: Handling): boolean {
  return handling.level > 0 && !handling.announced && !isMuted(handling);
}

/**
 * What an event makes of it; the same object where it changes nothing. Once nothing mutes it any more it begins anew: in alarm it is
 * unacknowledged, else normal. One that was announced stays so until its process is normal, muted or not: its end is to be told, too.
 */
export function handle(before: Handling, event: HandlingEvent): Handling {
  const after = changed(before, event);
  if (after === before || !isMuted(before) || isMuted(after)) return after;
  return { ...after, unseen: after.level > 0, acked: undefined };
}

function changed(before: Handling, event: HandlingEvent): Handling {
  switch (event.kind) {
    case "process":
      return processed(before, event.level, event.pending ?? false);
    case "ack":
      return isaAckable(before) ? { ...before, unseen: false, acked: before.level > 0 ? event.act : undefined } : before;
    case "unack":
      return before.acked === undefined ? before : { ...before, unseen: true, acked: undefined };
    case "shelve":
      return { ...before, shelf: event.shelf };
    case "unshelve":
      return before.shelf === undefined ? before : { ...before, shelf: undefined };
    case "suppress":
      return event.why === before.suppressed ? before : { ...before, suppressed: event.why };
    case "out-of-service":
      return { ...before, outOfService: event.act };
    case "return-to-service":
      return before.outOfService === undefined ? before : { ...before, outOfService: undefined };
    case "first":
      return event.first === (before.first ?? false) ? before : { ...before, first: event.first };
    case "announce":
      return isNews(before) ? announced(before) : before;
  }
}

/** The last one that was announced, shared in the same way. */
let told: { readonly before: Handling; readonly after: Handling } = { before: untouched, after: untouched };

function announced(before: Handling): Handling {
  if (told.before !== before) told = { before, after: { ...before, announced: true } };
  return told.after;
}

/** Somebody has something to see, and nothing hides it. */
export function isaAckable(handling: Handling): boolean {
  return handling.unseen && !isMuted(handling);
}

/** The last change by a process. In a flood it is the same for all: they share what comes of it. */
let last: { readonly before: Handling; readonly after: Handling } = { before: untouched, after: untouched };

function processed(before: Handling, level: Level, pending: boolean): Handling {
  const announced = before.announced && (level > 0 || pending);
  if (level === before.level && announced === before.announced) return before;
  if (last.before !== before || last.after.level !== level || last.after.announced !== announced)
    last = { before, after: moved(before, level, announced) };
  return last.after;
}

function moved(before: Handling, level: Level, announced: boolean): Handling {
  // In alarm again, or worse than what was seen: it is to be seen anew.
  const worse = level > before.level;
  const { shelf, suppressed, outOfService, first } = before;
  // Written out: a copy by `...` costs several times as much, and all alarms of a flood come by here.
  const unseen = worse || before.unseen;
  const acked = worse || level === 0 ? undefined : before.acked;
  return { level, unseen, acked, shelf, suppressed, outOfService, announced, first };
}
