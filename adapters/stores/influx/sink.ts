import type { Secret } from "../../../config/secret.ts";
import type { ReadingColumns } from "../../../core/columns.ts";
import { messageOf } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { isBad } from "../../../core/quality.ts";
import { type Sink, SinkError } from "../../../core/sink.ts";
import type { IndexedSeries } from "../../../core/store.ts";
import { type LineSeries, lineSeries } from "./line.ts";
import { InfluxError, type InfluxSession, type LinePoint, openSession } from "./session.ts";

export interface InfluxSinkOptions {
  /** `http://127.0.0.1:8086`; a path is put before `/write`. */
  readonly url: string;
  readonly database: string;
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly log: Log;
}

/** Readings per request: below InfluxDB's 25 MB body, and short enough to serialise between two turns of the loop. */
const chunkReadings = 5000;

/** Answers that speak of these very readings; all others are about the server, the way to it, or the rights there. */
const rejections = new Set([400, 413, 422]);

/**
 * Feeds InfluxDB 1.x: measurement = metric, tags = asset and labels, fields `value` and `quality` (OPC UA code; alone where
 * the reading is Bad), time in ms. A point is identified by measurement, tags and time, so writing twice is writing once.
 */
export function createInfluxSink(options: InfluxSinkOptions): Sink {
  return new InfluxSink(options);
}

class InfluxSink implements Sink {
  readonly name: string;
  readonly #options: InfluxSinkOptions;
  readonly #lines = new Map<number, { readonly of: IndexedSeries; readonly line: LineSeries }>();
  #session: Promise<InfluxSession> | undefined;

  constructor(options: InfluxSinkOptions) {
    // Where it is, too: the same data base on two servers are two engines, each with a cursor of its own.
    this.name = `influx:${new URL(options.url).host}/${options.database}`;
    this.#options = options;
  }

  async write(readings: ReadingColumns, describe: (index: number) => IndexedSeries): Promise<void> {
    for (let from = 0; from < readings.length; from += chunkReadings) {
      const points: LinePoint[] = [];
      for (let i = from; i < Math.min(readings.length, from + chunkReadings); i++) points.push(this.#point(readings, i, describe));
      await this.#writeChunk(points);
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    const opened = await session.catch(() => undefined);
    opened?.close();
  }

  #point(readings: ReadingColumns, i: number, describe: (index: number) => IndexedSeries): LinePoint {
    const quality = readings.quality[i] ?? 0;
    const value = readings.value[i] ?? Number.NaN;
    return {
      series: this.#line(describe(readings.series[i] ?? 0)),
      time: Math.round(readings.time[i] ?? 0),
      value: isBad(quality) || !Number.isFinite(value) ? undefined : value,
      quality,
    };
  }

  #line(series: IndexedSeries): LineSeries {
    const known = this.#lines.get(series.index);
    if (known?.of === series) return known.line;
    const line = lineSeries(series);
    this.#lines.set(series.index, { of: series, line });
    return line;
  }

  async #writeChunk(points: readonly LinePoint[]): Promise<void> {
    try {
      const session = await this.#open();
      try {
        await session.write(points);
      } catch (error) {
        if (!(error instanceof InfluxError) || error.status !== 404) throw error;
        // The engine has no such database (any more).
        await session.createDatabase();
        this.#options.log.info({ sink: this.name }, "database created");
        await session.write(points);
      }
    } catch (error) {
      throw this.#sinkError(error, points.length);
    }
  }

  #open(): Promise<InfluxSession> {
    const { url, database, user, password } = this.#options;
    this.#session ??= Promise.resolve().then(() => openSession({ url, database, user, password: password?.reveal() }));
    return this.#session;
  }

  #sinkError(error: unknown, readings: number): SinkError {
    const doing = `${this.#options.url} database ${this.#options.database}: write ${readings} readings`;
    const status = error instanceof InfluxError ? error.status : undefined;
    const retryAfterMs = error instanceof InfluxError ? error.retryAfterMs : undefined;
    // Without an answer that is about the readings, begin anew: the secret may have been changed.
    if (status === undefined || !rejections.has(status)) this.#forget();
    const verdict = status !== undefined && rejections.has(status) ? "rejected" : "retry";
    const said = status === undefined ? messageOf(error) : `${status} ${messageOf(error)}`;
    return new SinkError(verdict, `${doing}: ${said}`, { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }

  #forget(): void {
    this.close().catch(() => {});
  }
}
