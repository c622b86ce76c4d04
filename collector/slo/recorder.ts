import type { Log } from "../../core/log.ts";
import type { ServiceView } from "../../core/service-view.ts";
import { History } from "./history.ts";
import { Journal } from "./journal.ts";
import { stateOf, unseen } from "./state.ts";
import type { Segment } from "./timeline.ts";

const aliveMs = 30_000;
/** Nothing heard for so long within one process: the machine slept, or its clock was set forward. */
const sleptMs = 120_000;

export type Standing = Pick<ServiceView, "id" | "low" | "high" | "unplanned">;

/** Keeps the states of services over restarts: the history in memory, its lines in the journal. */
export class Recorder {
  readonly history = new History();
  readonly #journal: Journal;
  #heard: number;

  /** Takes up what is on disk. Throws where the folder cannot be had. */
  constructor({ dir, log, now }: { dir: string; log: Log; now: number }) {
    this.#journal = new Journal(dir, log);
    this.#journal.read(now, (line) => this.history.replay(line));
    this.#journal.put(this.history.start(now));
    this.#heard = now;
  }

  /** These are all services that there are, and how they stand. */
  begin(services: readonly Standing[], now: number): void {
    const there = new Set(services.map(({ id }) => id));
    for (const id of [...this.history.ids()]) if (!there.has(id)) this.#journal.put(this.history.note(id, now, unseen));
    for (const service of services) this.note(service, now);
  }

  note(service: Standing, now: number): void {
    this.#journal.put(this.history.note(service.id, now, stateOf(service)));
  }

  /** Lets time pass. `services` tells how they stand where nobody has looked for a while. */
  tick(now: number, services: () => readonly Standing[]): void {
    if (now - this.#heard > sleptMs) {
      this.#journal.put(this.history.start(now));
      this.begin(services(), now);
    } else if (now - this.history.seen >= aliveMs) this.#journal.put(this.history.alive(now));
    this.#heard = now;
    if (this.#journal.turns(now)) this.#journal.turn(now, this.history.snapshot(now));
  }

  revise(id: string, now: number, revision: { from: number; to: number; states: readonly Segment[] }): void {
    this.#journal.put(this.history.revise(id, now, revision));
  }

  flush(): Promise<void> {
    return this.#journal.flush();
  }

  /** Writes that it looked until now, and everything that waits. */
  async close(now: number): Promise<void> {
    this.#journal.put(this.history.alive(now));
    await this.flush();
  }

  forget(before: number): void {
    this.history.forget(before);
    this.#journal.prune(before);
  }
}
