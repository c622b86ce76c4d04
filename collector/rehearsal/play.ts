import { type Level, type LevelName, levelName } from "../../core/level.ts";
import type { SeriesDescription } from "../../core/reading.ts";
import { bind } from "../alarms/bound.ts";
import type { Rule } from "../alarms/rule.ts";
import { type AlarmState, initialState, standing } from "../alarms/state.ts";
import { dueAt, step } from "../alarms/step.ts";

/** Stored readings of one series, in order of time. */
export interface Track {
  readonly series: SeriesDescription;
  readonly length: number;
  /** ms since epoch. */
  readonly time: Float64Array;
  /** NaN where the quality is Bad. */
  readonly value: Float64Array;
  readonly quality: Uint16Array;
}

/** A rule and the readings that it is played over. */
export interface Played {
  readonly rule: Rule;
  readonly track: Track;
}

/** An alarm that was active: from its raising until its clearing, or null where it still was at the end. */
export interface Episode {
  readonly from: number;
  readonly to: number | null;
  /** The worst that it reached. */
  readonly level: LevelName;
}

/**
 * Plays a rule over a track, as the collector would have: delays run out by readings and by time. A latched alarm ends when the
 * process is normal again: nobody resets it here.
 */
export function play({ rule, track }: Played, span: { from: number; to: number }): readonly Episode[] {
  const bound = bind({ ...rule, latch: false }, track.series);
  const watch = new Episodes();
  let state: AlarmState = initialState(bound, track.time[0] ?? span.from);
  const passTo = (until: number): void => {
    for (let due = dueAt(bound, state); due <= until; due = dueAt(bound, state)) {
      const after = step(bound, state, { kind: "time", time: due });
      if (after.levels === state.levels) return;
      state = after;
      watch.note(standing(bound, state), due);
    }
  };
  for (let i = 0; i < track.length; i++) {
    const time = track.time[i] ?? 0;
    passTo(time - 1);
    const before = state.levels;
    state = step(bound, state, { kind: "reading", time, value: track.value[i] ?? Number.NaN, quality: track.quality[i] ?? 0 });
    if (state.levels !== before) watch.note(standing(bound, state), time);
  }
  passTo(span.to);
  return watch.all();
}

class Episodes {
  readonly #closed: Episode[] = [];
  #open: { from: number; level: Level } | undefined;

  note(stand: ReturnType<typeof standing>, time: number): void {
    const active = stand !== undefined && stand.phase !== "pending";
    if (active && this.#open === undefined) this.#open = { from: stand.since, level: stand.level };
    else if (active && this.#open !== undefined) this.#open.level = Math.max(this.#open.level, stand.level) as Level;
    else if (this.#open !== undefined) {
      this.#closed.push({ from: this.#open.from, to: time, level: levelName(this.#open.level) });
      this.#open = undefined;
    }
  }

  all(): readonly Episode[] {
    return this.#open === undefined
      ? this.#closed
      : [...this.#closed, { from: this.#open.from, to: null, level: levelName(this.#open.level) }];
  }
}
