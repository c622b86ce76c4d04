import type { ShownLevel } from "../../core/asset-view.ts";
import { levelNames } from "../../core/level.ts";
import { type Facts, parseFact } from "../fact.ts";

interface Mark {
  readonly level: ShownLevel;
  readonly since: number;
}

/**
 * Since when things have the level they have, over restarts. A plant that starts knows nothing for a while; something that
 * comes out of that at the level it had before has had it all the time.
 */
export class SinceBook {
  readonly #prefix: string;
  /** Until then, ms since epoch, not knowing is taken for the start's doing. */
  readonly #settledAt: number;
  readonly #carried = new Map<string, Mark>();
  readonly #marks = new Map<string, Mark>();
  #dirty = new Map<string, Mark>();
  /** The mark given last: what changes at once shares it. */
  #last: Mark = { level: "unknown", since: Number.NaN };

  /** `facts`: those of before; the ones whose key begins with `prefix` are its own. */
  constructor(prefix: string, facts: ReadonlyMap<string, string>, settledAt: number) {
    this.#prefix = prefix;
    this.#settledAt = settledAt;
    for (const [key, text] of facts) {
      const mark = key.startsWith(prefix) ? parseMark(text) : undefined;
      if (mark !== undefined) this.#carried.set(key.slice(prefix.length), mark);
    }
  }

  /** Says that `id` has this level now; returns since when. */
  note(id: string, level: ShownLevel, now: number): number {
    const known = this.#marks.get(id);
    const carried = this.#carried.get(id);
    if (carried !== undefined) return this.#noteCarried(id, { known, carried, level, now });
    if (known?.level === level) return known.since;
    if (known === undefined && level === "unknown") {
      // What begins unknown has no past: nothing worth a fact.
      this.#marks.set(id, this.#shared(level, now));
      return now;
    }
    return this.#mark(id, this.#shared(level, now));
  }

  /** Since when, as last noted; null before. */
  since(id: string): number | null {
    return this.#marks.get(id)?.since ?? null;
  }

  /** Facts that changed since the last call. */
  takeDirty(): Facts {
    const texts = new Map<Mark, string>();
    const dirty = new Map<string, string>();
    for (const [id, mark] of this.#dirty) {
      const text = texts.get(mark) ?? JSON.stringify(mark);
      texts.set(mark, text);
      dirty.set(this.#prefix + id, text);
    }
    if (dirty.size > 0) this.#dirty = new Map();
    return dirty;
  }

  #noteCarried(id: string, at: { known: Mark | undefined; carried: Mark; level: ShownLevel; now: number }): number {
    const { known, carried, level, now } = at;
    const settled = now >= this.#settledAt;
    if (level === carried.level && !settled) {
      this.#carried.delete(id);
      this.#marks.set(id, carried);
      return carried.since;
    }
    if (level === "unknown" && !settled) {
      if (known === undefined) this.#marks.set(id, this.#shared(level, now));
      return known === undefined ? now : known.since;
    }
    this.#carried.delete(id);
    return this.#mark(id, this.#shared(level, known?.level === level ? known.since : now));
  }

  #mark(id: string, mark: Mark): number {
    this.#marks.set(id, mark);
    this.#dirty.set(id, mark);
    return mark.since;
  }

  #shared(level: ShownLevel, since: number): Mark {
    if (this.#last.level !== level || this.#last.since !== since) this.#last = { level, since };
    return this.#last;
  }
}

/** A fact as it was stored; one that cannot be read is as good as none. */
function parseMark(text: string): Mark | undefined {
  const found = parseFact(text);
  if (typeof found !== "object" || found === null || !("level" in found) || !("since" in found)) return undefined;
  const level = [...levelNames, "unknown" as const].find((name) => name === found.level);
  return level === undefined || typeof found.since !== "number" ? undefined : { level, since: found.since };
}
