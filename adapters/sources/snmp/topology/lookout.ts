import type { Clock } from "../../../../core/clock.ts";
import { messageOf } from "../../../../core/errors.ts";
import { fractionOf } from "../../../../core/fraction.ts";
import type { SourceContext } from "../../../../core/source.ts";
import { createRequests, type Requests } from "../requests.ts";
import type { Session } from "../session.ts";
import { decodeTopology, isEmptyTopology } from "./decode.ts";
import { readBridge, readTables } from "./reading.ts";
import { withVlans } from "./vlans.ts";

/** A first look is taken this long after the start, ms, and spread over as much again. */
const firstAfterMs = 120_000;
const spreadMs = 180_000;
/** Longest time for one look, ms. */
const mostMs = 120_000;
/** A device without any of the tables is asked again after this many intervals. */
const intervalsOfNothing = 24;
/** Looks under way at once, of all devices of an agent. */
const mostAtOnce = 8;

/** How many more looks may be under way. All lookouts of an adapter share it. */
export interface LookoutPlaces {
  left: number;
}

export function lookoutPlaces(): LookoutPlaces {
  return { left: mostAtOnce };
}

export interface LookoutOptions {
  /** Whom we ask, for messages. */
  readonly target: string;
  readonly context: SourceContext;
  readonly everyMs: number;
  readonly places: LookoutPlaces;
}

/** Opens a session of its own, so that no round waits for it, as whom the device knows us; to the bridge of a VLAN where that is given. Throws SourceError. */
type OpenSession = (vlan: number | undefined) => Session;

/** Looks around from one device, rarely, beside its rounds: its neighbours, its forwarding table, its ARP cache. */
export class Lookout {
  readonly #options: LookoutOptions;
  /** Monotonic ms. */
  #due: number;
  #under: AbortController | undefined;

  constructor(options: LookoutOptions) {
    const { context, everyMs, target } = options;
    const spread = fractionOf(`${context.asset} ${target}`);
    this.#options = options;
    this.#due = context.clock.monotonic() + Math.min(everyMs, firstAfterMs) + spread * Math.min(everyMs, spreadMs);
  }

  /** Called after a good round: begins a look where one is due, and does not wait for it. */
  glance(open: OpenSession): void {
    const { context, places, everyMs } = this.#options;
    const now = context.clock.monotonic();
    if (this.#under !== undefined || now < this.#due || places.left <= 0) return;
    const under = new AbortController();
    this.#due = now + everyMs;
    this.#under = under;
    places.left--;
    void this.#look(open, under.signal).finally(() => {
      places.left++;
      this.#under = undefined;
    });
  }

  /** Ends a look that is under way. */
  close(): void {
    this.#under?.abort();
  }

  async #look(open: OpenSession, signal: AbortSignal): Promise<void> {
    const { context, target, everyMs } = this.#options;
    const { clock, log, asset } = context;
    const ended = endedBy(clock, signal);
    const bounds = { target, monotonic: () => clock.monotonic(), until: clock.monotonic() + mostMs };
    const over = async <T>(vlan: number | undefined, read: (requests: Requests) => Promise<T>): Promise<T> => {
      const session = open(vlan);
      try {
        return await read(createRequests({ session, target, signal: ended.signal }));
      } finally {
        session.close();
      }
    };
    try {
      const whole = await over(undefined, (requests) => readTables({ requests, ...bounds }));
      const raw = await withVlans(whole, (vlan) => over(vlan, (requests) => readBridge({ requests, ...bounds })));
      if (signal.aborted) return;
      const found = decodeTopology(raw);
      if (isEmptyTopology(found)) this.#due = clock.monotonic() + intervalsOfNothing * everyMs;
      context.sink.topology({ time: clock.now(), ...found });
    } catch (error) {
      // Readings tell whether the device is well; what it told of its surroundings stands until the next look.
      log.debug({ asset, target, reason: messageOf(error) }, "topology not read");
    } finally {
      ended.cancel();
    }
  }
}

function endedBy(clock: Clock, signal: AbortSignal): { readonly signal: AbortSignal; cancel(): void } {
  const end = new AbortController();
  const abort = (): void => end.abort();
  signal.addEventListener("abort", abort, { once: true });
  const cancel = clock.after(mostMs, abort);
  return {
    signal: end.signal,
    cancel() {
      cancel();
      signal.removeEventListener("abort", abort);
    },
  };
}
