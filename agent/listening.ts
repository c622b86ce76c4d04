import { formatDuration } from "../config/values.ts";
import { backoffMs } from "../core/backoff.ts";
import { pause } from "../core/clock.ts";
import { SourceError } from "../core/errors.ts";
import { Q } from "../core/quality.ts";
import type { ListeningSource } from "../core/source.ts";
import type { SourceRun } from "./runner.ts";

const restart = { minMs: 500, maxMs: 15_000 };
/** A connection that stood for less was none: two agents with one client_id end one another's for ever. */
const stoodMs = 30_000;
/** A series that is silent for this many intervals has no value any more. */
const intervalsToSilence = 3;

/** Listens until the run stops; listens again after a back-off when the connection is lost. */
export async function listenForEver(run: SourceRun, source: ListeningSource, random: () => number): Promise<void> {
  const { clock } = run.place;
  for (let failures = 0; !run.stopping.aborted; failures++) {
    const watch = new SilenceWatch(run);
    let liveAt = Number.POSITIVE_INFINITY;
    try {
      await source.listen(run.stopping, () => {
        liveAt = clock.monotonic();
        watch.begin();
      });
      if (!run.stopping.aborted) throw new SourceError("disconnected", `${source.target}: stopped listening`);
    } catch (error) {
      if (run.stopping.aborted) return;
      watch.end();
      run.fail(error);
    } finally {
      watch.end();
    }
    if (clock.monotonic() - liveAt >= stoodMs) failures = 0;
    await pause(clock, backoffMs(restart, failures, random()), run.stopping);
  }
}

/** Notices while a source listens that single series, or all of it, went silent. */
class SilenceWatch {
  readonly #run: SourceRun;
  #since = 0;
  #puts = 0;
  #cancel = (): void => {};

  constructor(run: SourceRun) {
    this.#run = run;
  }

  begin(): void {
    this.end();
    const { sink, tracker, place } = this.#run;
    this.#since = place.clock.monotonic();
    this.#puts = sink.puts;
    tracker.up();
    this.#arm();
  }

  end(): void {
    this.#cancel();
    this.#run.sink.onHeard = undefined;
  }

  #arm(): void {
    const { clock, everyMs } = this.#run.place;
    this.#cancel = clock.after(everyMs, () => {
      this.#look();
      this.#arm();
    });
  }

  #look(): void {
    const { sink, tracker, place } = this.#run;
    const silenceMs = intervalsToSilence * place.everyMs;
    const now = place.clock.monotonic();
    const allSilent = sink.expire(intervalsToSilence, Q.BadNoCommunication);
    const nothingYet = sink.puts === this.#puts;
    const silent = allSilent && !(nothingYet && now - this.#since < silenceMs);
    if (silent) {
      tracker.down(`silent for ${formatDuration(silenceMs)}`, Q.BadNoCommunication);
      sink.onHeard = () => tracker.up();
    } else tracker.up();
  }
}
