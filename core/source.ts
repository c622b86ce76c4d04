import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Quality } from "./quality.ts";
import type { SeriesDescription } from "./reading.ts";
import type { Topology } from "./topology.ts";

export type Protocol = "snmp" | "modbus" | "mqtt";

/** Where a source puts what it read. One sink per source; the runner stands behind it. */
export interface ReadingSink {
  /**
   * Number of the series with this asset, metric and labels; new ones are registered. Call it once per series and keep the
   * number: it costs a look-up by text. A description that differs from the one known replaces it and is sent again.
   */
  register(description: SeriesDescription): number;
  /**
   * One value in the base unit. `time` is ms since epoch at the source. Value is NaN exactly when quality is Bad.
   * A Bad reading that says what the series' last one said is dropped: bad news is told once, on change.
   */
  put(series: number, time: number, value: number, quality: Quality): void;
  /** Text facts of the asset (sysDescr, serial number, firmware): inventory, not series. Sent on change. */
  inventory(facts: Readonly<Record<string, string>>): void;
  /** What the asset tells of the network around it; the whole of it each time. Sent on change. */
  topology(topology: Topology): void;
  /** A part of the round could not be read, and why: the source's reason while it is up. */
  incomplete(what: string): void;
  /** Counts one malformed packet, frame or message from the device, with what was wrong. Logged, throttled, with the asset's name. */
  malformed(what: string): void;
}

/** What a source is given by the runner. */
export interface SourceContext {
  readonly asset: string;
  /** Poll interval, or how often a value is expected, ms. */
  readonly everyMs: number;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Read by asking. The source only speaks its protocol; the runner knows schedule, time-out, retry, back-off and breaker.
 */
export interface PolledSource {
  readonly mode: "poll";
  /** Whom it asks, for messages: `127.0.0.1:1502 unit 31`. */
  readonly target: string;
  /**
   * One round: connects if need be, reads everything once and puts it. Called only between creation and close, never twice
   * at once. Rejects with SourceError when nothing could be read; a value that fails alone is put as Bad and does not
   * reject. Never hangs past the signal, and leaves the source fit for the next round.
   */
  poll(signal: AbortSignal): Promise<void>;
  /** Frees what it holds. Resolves, never rejects; also while a poll is under way, which then rejects. */
  close(): Promise<void>;
}

/** Read by listening. */
export interface ListeningSource {
  readonly mode: "listen";
  /** Whom it hears, for messages: `mqtt://127.0.0.1:1883 plant/air/+`. */
  readonly target: string;
  /**
   * Connects, calls `live` once subscribed, and puts readings as they come until the signal aborts (then it resolves) or the
   * connection is lost (then it rejects with SourceError, and the runner calls it again after a back-off). Silence of
   * single series is the runner's to notice.
   */
  listen(signal: AbortSignal, live: () => void): Promise<void>;
  close(): Promise<void>;
}

export type Source = PolledSource | ListeningSource;

/**
 * One protocol: makes sources that share what can be shared (a UDP socket, a Modbus connection, a broker session).
 * `source` checks the spec (profile, registers, topics) and never touches the network; throws with a clear message what is wrong with it.
 */
export interface SourceAdapter<Spec> {
  readonly protocol: Protocol;
  source(spec: Spec, context: SourceContext): Source;
  /** Closes what the sources shared. */
  close(): Promise<void>;
}

/**
 * Metric that every source has beside what it reads, with the label `protocol`: 1 after a good round, Bad with the reason's
 * quality once it fails. Written by the agent's runner.
 */
export const sourceUpMetric = "source_up";

/** State of a source as the collector and people see it. */
export interface SourceStatus {
  readonly asset: string;
  readonly protocol: Protocol;
  readonly target: string;
  readonly state: "starting" | "up" | "down";
  /** Why it is down: the message of the SourceError. While it is up: what its last round could not read; empty where that is nothing. */
  readonly reason: string;
  /** ms since epoch of the last success; null before the first. */
  readonly lastOk: number | null;
}
