import type { Notification } from "../../core/notifier.ts";
import { type Facts, parseFact } from "../fact.ts";

const prefix = "outbox/";

/** A message that waits. */
export interface Letter {
  readonly channel: string;
  readonly notification: Notification;
  /** Grows with each letter of this process. */
  readonly number: number;
  readonly slot: number;
}

/** Messages that nobody has taken yet; as facts they outlive the process. They are handed out in order, per channel. */
export class Outbox {
  readonly #queues = new Map<string, Letter[]>();
  readonly #free: number[] = [];
  #slots = 0;
  #number = 0;
  #dirty = new Map<string, string>();

  /** `facts`: those of before. What was sent but not yet crossed out is sent again, with the id that it had. */
  constructor(facts: ReadonlyMap<string, string>) {
    const found: { slot: number; channel: string; notification: Notification; order: number }[] = [];
    for (const [key, text] of facts) {
      if (!key.startsWith(prefix)) continue;
      const slot = Number(key.slice(prefix.length));
      this.#slots = Math.max(this.#slots, slot + 1);
      const letter = letterOf(parseFact(text));
      if (letter === undefined) this.#free.push(slot);
      else found.push({ slot, ...letter });
    }
    for (const one of found.sort((a, b) => a.order - b.order)) {
      this.#number = Math.max(this.#number, one.order);
      this.#queue(one.channel).push({ channel: one.channel, notification: one.notification, number: one.order, slot: one.slot });
    }
  }

  /** Number of the last letter. */
  get last(): number {
    return this.#number;
  }

  put(channel: string, notification: Notification): void {
    const slot = this.#free.pop() ?? this.#slots++;
    const letter: Letter = { channel, notification, number: ++this.#number, slot };
    this.#queue(channel).push(letter);
    this.#dirty.set(prefix + slot, JSON.stringify({ channel, notification, order: letter.number }));
  }

  /** The oldest letter of a channel. */
  first(channel: string): Letter | undefined {
    return this.#queues.get(channel)?.[0];
  }

  /** It was taken, or never will be. */
  cross({ channel, slot, number }: Letter): void {
    const queue = this.#queue(channel);
    const at = queue.findIndex((letter) => letter.number === number);
    if (at < 0) return;
    queue.splice(at, 1);
    this.#free.push(slot);
    this.#dirty.set(prefix + slot, "null");
  }

  waiting(channel: string): number {
    return this.#queues.get(channel)?.length ?? 0;
  }

  /** Whether a message of this incident, written at `time`, still waits for the channel. */
  holds(channel: string, incident: string, time: number): boolean {
    const written = (this.#queues.get(channel) ?? []).filter(({ notification }) => notification.time === time);
    return written.some(({ notification }) => notification.news.some((news) => news.incident.id === incident));
  }

  /** Crosses out the oldest letters of a channel beyond a number, and those written before a time; the oldest first. */
  overflow(channel: string, { most, before }: { most: number; before: number }): readonly Letter[] {
    const queue = this.#queue(channel);
    const old = queue.findIndex(({ notification }) => notification.time >= before);
    const over = queue.slice(0, Math.max(old < 0 ? queue.length : old, queue.length - most));
    for (const letter of over) this.cross(letter);
    return over;
  }

  /** Crosses out what waits for channels that there are no longer; says how many. */
  keep(channels: ReadonlySet<string>): number {
    const lost = [...this.#queues.values()].flat().filter(({ channel }) => !channels.has(channel));
    for (const letter of lost) this.cross(letter);
    return lost.length;
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): Facts {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    return dirty;
  }

  #queue(channel: string): Letter[] {
    const queue = this.#queues.get(channel) ?? [];
    this.#queues.set(channel, queue);
    return queue;
  }
}

/** We wrote it: its shape is that of the version that did. */
function letterOf(found: unknown): { channel: string; notification: Notification; order: number } | undefined {
  if (typeof found !== "object" || found === null) return undefined;
  if (!("channel" in found) || !("notification" in found) || !("order" in found)) return undefined;
  const { channel, notification, order } = found;
  if (typeof channel !== "string" || typeof order !== "number" || typeof notification !== "object" || notification === null)
    return undefined;
  if (!("id" in notification) || !("news" in notification) || !Array.isArray(notification.news)) return undefined;
  return { channel, order, notification: notification as Notification };
}
