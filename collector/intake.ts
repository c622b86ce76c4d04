/** Who sends, as the headers of docs/delivery.md §3 say. Not validated yet. */
export interface Sender {
  readonly agent: string;
  /** uuid of its spool. */
  readonly epoch: string;
  /** ms since epoch of the agent's clock when this try began; NaN where it did not say. */
  readonly sentAt: number;
  /** ms since epoch of our clock when its head arrived; a body may take its time. Now without it. */
  readonly arrivedAt?: number;
  /** The agent's software, as its User-Agent header says: `millwright/0.1.0`. */
  readonly version?: string;
  /** Bytes that wait in its spool, where it says so. */
  readonly spoolBytes?: number;
}

export interface BatchRequest extends Sender {
  readonly seq: number;
  /** Readings that the batch holds, as the header says. */
  readonly count: number;
  /** As it came: deflate-raw. */
  readonly body: Buffer;
}

/** Several batches that follow one another: docs/delivery.md §3.7. */
export interface RunRequest extends Sender {
  /** Records as they stand in the agent's spool, the first with this seq. */
  readonly seq: number;
  readonly body: Buffer;
}

export interface DescribeRequest extends Sender {
  /** The batch that these descriptions go before, where it is said: once that is stored they are old. */
  readonly seq?: number;
  /** The request's JSON, not validated: `{series: [NumberedSeries, ...]}`. */
  readonly body: unknown;
}

/** Not taken, for what is in the request itself or because we cannot at the moment (503). Nothing was stored. */
export interface Refused {
  readonly kind: "refused";
  readonly status: 400 | 403 | 413 | 503;
  /** One sentence, safe to show. */
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export type IngestAnswer =
  /** 200 {ack, time} */
  | { readonly kind: "stored"; readonly ack: number; readonly time: number }
  /** 200 {ack, time, duplicate: true} */
  | { readonly kind: "duplicate"; readonly ack: number; readonly time: number }
  /** 409 with `expect` */
  | { readonly kind: "expect"; readonly expect: number }
  /** 409 with `describe` */
  | { readonly kind: "describe"; readonly describe: readonly number[] }
  | Refused;

/** What became of one batch of several. */
export interface RunOutcome {
  readonly seq: number;
  readonly answer: IngestAnswer;
}

export type RunAnswer =
  /** 200 {ack, time, outcomes}: the first was taken, and those after it up to one that was not. */
  { readonly kind: "run"; readonly outcomes: readonly RunOutcome[] } | IngestAnswer;

/** 200 {time} or 409 with `describe`. */
export type NowAnswer = { readonly kind: "shown"; readonly time: number } | Extract<IngestAnswer, { kind: "describe" }> | Refused;

export type DescribeAnswer =
  /** 200 {ack, time} */
  { readonly kind: "described"; readonly ack: number | null; readonly time: number } | Refused;

/** Takes batches from agents (docs/delivery.md §3); HTTP stands in front of it. No method rejects. */
export interface Intake {
  /** Resolves when the batch is durable, or is known to be none of ours to store. */
  ingest(request: BatchRequest): Promise<IngestAnswer>;
  /** Several batches, in the order of their numbers; answered as the first one alone would be, where that is not taken. */
  run(request: RunRequest): Promise<RunAnswer>;
  /** Newest values, to be shown and judged but not stored: their batches are still to come. */
  now(request: BatchRequest): Promise<NowAnswer>;
  /** Descriptions outside of a batch. */
  describe(request: DescribeRequest): Promise<DescribeAnswer>;
  /** How far this agent's epoch is stored: `mark` is null where nothing of it ever was. */
  mark(agent: string, epoch: string): { readonly mark: number | null; readonly time: number };
}

/** What an agent may say in one request. docs/delivery.md §3.2 and §3.3. */
export const intakeLimits = {
  /** Bytes of a body, as it comes and inflated. */
  bodyBytes: 8 << 20,
  /** Inflated bytes from which on the ratio counts: quiet readings compress very well. */
  ratioFromBytes: 1 << 20,
  ratio: 100,
  /** Series per description request. */
  describedSeries: 1000,
  /** Batches in one request. */
  runBatches: 256,
} as const;
