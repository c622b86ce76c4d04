import { parseState, type StateCode, stateText, unseen } from "./state.ts";
import { type Segment, Timeline } from "./timeline.ts";

const nothing = new Timeline();

/**
 * States of all services over time, and the lines from which they can be had again:
 *
 *   TIME start               a collector began to look; since the line before nobody did
 *   TIME alive               it still looks
 *   TIME 230 ID              from now on the service is at these levels: low, high, unplanned
 *   TIME revise ID FROM TO TIME:230 ...   late readings told what had been between FROM and TO
 */
export class History {
  readonly #timelines = new Map<string, Timeline>();
  readonly #revisions = new Map<string, { readonly at: number; readonly from: number; readonly to: number }[]>();
  #seen = Number.NEGATIVE_INFINITY;

  /** When somebody looked last; -Infinity where nobody ever did. */
  get seen(): number {
    return this.#seen;
  }

  timeline(id: string): Timeline {
    return this.#timelines.get(id) ?? nothing;
  }

  ids(): Iterable<string> {
    return this.#timelines.keys();
  }

  /** When late readings last changed a period; null where they did not. */
  revised(id: string, from: number, to: number): number | null {
    const found = (this.#revisions.get(id) ?? []).filter((one) => one.from < to && one.to > from);
    return found.length === 0 ? null : Math.max(...found.map(({ at }) => at));
  }

  /** Somebody begins to look: nobody knows what was since `seen`. A clock that was set back takes with it what it had said. */
  start(now: number): string {
    const from = Math.min(this.#seen, now);
    for (const timeline of this.#timelines.values()) {
      timeline.cut(now);
      timeline.note(from, unseen);
    }
    this.#seen = now;
    return `${now} start\n`;
  }

  alive(now: number): string {
    this.#seen = Math.max(this.#seen, now);
    return `${this.#seen} alive\n`;
  }

  /** The service has this state from now on. Empty where that is nothing new. */
  note(id: string, now: number, code: StateCode): string {
    const at = Math.max(now, this.#seen);
    if (!this.#own(id).note(at, code)) return "";
    this.#seen = at;
    return `${at} ${stateText(code)} ${id}\n`;
  }

  /** Late readings tell what had been. */
  revise(id: string, now: number, { from, to, states }: { from: number; to: number; states: readonly Segment[] }): string {
    this.#own(id).revise(from, to, states);
    this.#revisions.set(id, [...(this.#revisions.get(id) ?? []), { at: now, from, to }]);
    return `${now} revise ${id} ${from} ${to}${states.map((one) => ` ${one.from}:${stateText(one.code)}`).join("")}\n`;
  }

  /** Everything that a file has to begin with to stand alone. */
  snapshot(now: number): string {
    let text = `${now} alive\n`;
    for (const [id, timeline] of this.#timelines) text += `${now} ${stateText(timeline.at(now))} ${id}\n`;
    return text;
  }

  /** Forgets what had ended by then. */
  forget(before: number): void {
    for (const [id, timeline] of this.#timelines) {
      timeline.forget(before);
      if (timeline.length === 1 && timeline.last < before && timeline.at(before) === unseen) this.#timelines.delete(id);
    }
    for (const [id, all] of this.#revisions) {
      this.#revisions.set(
        id,
        all.filter(({ to }) => to > before),
      );
    }
  }

  /** Takes up a line that one of the others gave; false where it is none of them. */
  replay(line: string): boolean {
    const [time = "", what = "", id, ...rest] = line.split(" ");
    if (!/^\d{1,16}$/.test(time)) return false;
    const at = Number(time);
    const code = parseState(what);
    if (code !== undefined && id !== undefined && rest.length === 0) this.note(id, at, code);
    else if (what === "start" && id === undefined) this.start(at);
    else if (what === "alive" && id === undefined) this.alive(at);
    else if (what === "revise" && id !== undefined) return this.#replayRevision(id, at, rest);
    else return false;
    return true;
  }

  #replayRevision(id: string, at: number, [from = "", to = "", ...states]: readonly string[]): boolean {
    const found = states.map((text) => {
      const [time = "", code = ""] = text.split(":");
      return { from: Number(time), to: Number(to), code: parseState(code) };
    });
    const good = found.filter((one): one is Segment => one.code !== undefined && Number.isFinite(one.from));
    if (good.length < found.length || !(Number(from) < Number(to))) return false;
    this.revise(id, at, { from: Number(from), to: Number(to), states: good });
    return true;
  }

  #own(id: string): Timeline {
    const known = this.#timelines.get(id);
    if (known !== undefined) return known;
    const timeline = new Timeline();
    this.#timelines.set(id, timeline);
    return timeline;
  }
}
