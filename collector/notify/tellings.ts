import { z } from "zod";
import type { TellingView } from "../../core/incident-view.ts";
import { type Facts, parseFact } from "../fact.ts";

const prefix = "said/";
/** Most messages that are kept of one incident; beyond that those after the first go. */
const maxKept = 50;

/** What of it is kept: whether it still waits, the outbox knows. */
export type Telling = Omit<TellingView, "waiting">;

const kinds = ["opened", "updated", "repeated", "escalated", "resolved"] as const;
const fact = z.object({
  incident: z.string(),
  told: z.array(z.object({ channel: z.string(), kind: z.enum(kinds), time: z.number() })),
});
type Told = z.output<typeof fact>;

/** Which channel was told what of an incident, and when; as facts it outlives the process, for as long as the incident is kept. */
export class Tellings {
  readonly #slotOf: (incident: string) => number | undefined;
  /** By the slot of the incident: one that takes over a slot takes over its place here. */
  readonly #told = new Map<number, Told>();
  #dirty = new Map<string, string>();

  /** `facts`: those of before. `slotOf`: where an incident is kept; undefined where it is not. */
  constructor(slotOf: (incident: string) => number | undefined, facts: ReadonlyMap<string, string>) {
    this.#slotOf = slotOf;
    for (const [key, text] of facts) {
      const found = key.startsWith(prefix) ? fact.safeParse(parseFact(text)) : undefined;
      if (found?.success === true) this.#told.set(Number(key.slice(prefix.length)), found.data);
    }
  }

  add(incident: string, telling: Telling): void {
    const slot = this.#slotOf(incident);
    if (slot === undefined) return;
    const [first = telling, ...rest] = [...this.of(incident), telling];
    const told = { incident, told: [first, ...rest.slice(-(maxKept - 1))] };
    this.#told.set(slot, told);
    this.#dirty.set(prefix + slot, JSON.stringify(told));
  }

  /** The oldest first. */
  of(incident: string): readonly Telling[] {
    const found = this.#told.get(this.#slotOf(incident) ?? -1);
    return found?.incident === incident ? found.told : [];
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): Facts {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    return dirty;
  }
}
