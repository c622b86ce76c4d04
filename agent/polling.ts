import { SourceError } from "../core/errors.ts";
import { Q } from "../core/quality.ts";
import type { PolledSource } from "../core/source.ts";
import { withDeadline } from "./deadline.ts";
import type { Gate } from "./gate.ts";
import type { Pace } from "./pace.ts";
import type { SourceRun } from "./runner.ts";
import { firstRound, nextTick, probeEveryMs, scheduleOf } from "./schedule.ts";

/**
 * How many polls may be under way: of sources that answered last time, of those that were never asked, and of those that
 * failed. A crowd of dead devices waits for its own few places and delays nobody who is alive.
 */
export interface PollGates {
  readonly healthy: Gate;
  readonly fresh: Gate;
  readonly failing: Gate;
  /** How many first rounds begin at a time: they ask devices what they are, and make keys, sessions and series. */
  readonly first: Pace;
}

/** A round is over before the next is due. */
const shareOfInterval = 0.95;
const mostRoundMs = 60_000;
/** How long after its deadline a round may take to notice. */
const graceMs = 1000;
/** Polled series that a good round leaves out this many times have no value any more. */
const roundsToVanish = 3;
/** Rounds that are asked for beside the schedule begin at least this far after the last one. */
const hurriedApartMs = 5000;

/** Polls a source on its schedule until the run stops, or until the source hangs and has to be made anew. */
export async function pollOnSchedule(run: SourceRun, source: PolledSource, gates: PollGates): Promise<void> {
  const { clock, everyMs, key } = run.place;
  const schedule = scheduleOf(key, everyMs, clock.monotonic());
  let due = firstRound(key, everyMs, clock.monotonic());
  let rounds = 0;
  let began = Number.NEGATIVE_INFINITY;
  for (let failures = 0; ; ) {
    await run.bell.wait({ clock, due, soonest: began + hurriedApartMs, signal: run.stopping });
    const gate = failures > 0 ? gates.failing : rounds === 0 ? gates.fresh : gates.healthy;
    if (rounds === 0) await gates.first.enter();
    const leave = await gate.enter(run.stopping);
    if (leave === undefined) return;
    began = clock.monotonic();
    const outcome = await oneRound(run, source);
    leave();
    rounds++;
    if (run.stopping.aborted) return;
    failures = settle(run, outcome) ? 0 : failures + 1;
    if (outcome === "hung") return;
    const apartMs = rounds === 1 ? everyMs / 2 : 0;
    due =
      failures === 0
        ? nextTick(schedule, clock.monotonic(), apartMs)
        : nextTick(schedule, began, probeEveryMs(everyMs, failures) - everyMs / 2);
    due = Math.max(due, nextTick(schedule, clock.monotonic()));
  }
}

type Outcome = "good" | "hung" | { readonly error: unknown };

async function oneRound(run: SourceRun, source: PolledSource): Promise<Outcome> {
  const { clock, everyMs } = run.place;
  const ms = Math.min(everyMs * shareOfInterval, mostRoundMs);
  const late = (): Error => new SourceError("timeout", `${source.target}: not read in ${Math.round(ms)} ms`);
  return withDeadline({ clock, ms, signal: run.stopping, late }, async (signal) => {
    let giveUp = (): void => {};
    const hung = new Promise<Outcome>((resolve) => {
      giveUp = clock.after(ms + graceMs, () => resolve("hung"));
    });
    const polled = Promise.resolve()
      .then(() => source.poll(signal))
      .then(
        (): Outcome => "good",
        // What a source rejects with once its time is up is the time's fault, whatever it calls it.
        (error: unknown): Outcome => ({ error: error instanceof SourceError || !signal.aborted ? error : signal.reason }),
      );
    const outcome = await Promise.race([polled, hung]);
    giveUp();
    return outcome;
  });
}

/** Writes down what came of a round; true when it was good. */
function settle(run: SourceRun, outcome: Outcome): boolean {
  const lack = run.sink.lack();
  if (outcome === "good") {
    run.tracker.up(lack);
    run.sink.expire(roundsToVanish, Q.BadNoData);
    return true;
  }
  if (outcome === "hung") run.fail(new Error("the source ignored its signal and hangs"));
  else run.fail(outcome.error);
  return false;
}
