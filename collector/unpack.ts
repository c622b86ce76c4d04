import { promisify } from "node:util";
import { inflateRaw, inflateRawSync } from "node:zlib";
import { BatchError, type BatchPreamble, decodeBatch } from "../core/batch.ts";
import type { ReadingColumns } from "../core/columns.ts";
import { codeOf, messageOf } from "../core/errors.ts";
import { isBad, isGood, Q } from "../core/quality.ts";
import { PreambleError, readPreamble } from "./batch-schema.ts";
import { intakeLimits } from "./intake.ts";

/** A body cannot be taken: `status` 400 for what it says, 413 for its size. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface Unpacked {
  readonly preamble: BatchPreamble;
  /** By the agent's numbers. Own memory: what is changed here is nobody else's. */
  readonly readings: ReadingColumns;
  /** Inflated. */
  readonly bytes: number;
}

/** Bodies up to this size are inflated at once: handing them to a worker thread costs more than the work. */
const inlineBytes = 32 << 10;
const latestTime = 8.64e15;

const inflateLater = promisify(inflateRaw);

/** Inflates, decodes and checks a body. Rejects with BodyError. */
export async function unpack(body: Buffer, count: number): Promise<Unpacked> {
  const bytes = await inflate(body);
  try {
    const { preamble, readings } = decodeBatch(bytes);
    if (readings.length !== count) throw new BodyError(400, `the batch holds ${readings.length} readings, its header says ${count}`);
    check(readings);
    return { preamble: readPreamble(preamble), readings, bytes: bytes.length };
  } catch (error) {
    if (error instanceof BatchError || error instanceof PreambleError) throw new BodyError(400, error.message, { cause: error });
    throw error;
  }
}

async function inflate(body: Buffer): Promise<Buffer> {
  const { bodyBytes, ratio, ratioFromBytes } = intakeLimits;
  if (body.length > bodyBytes) throw new BodyError(413, `a body of ${body.length} bytes, at most ${bodyBytes} are taken`);
  const most = Math.min(bodyBytes, Math.max(ratioFromBytes, body.length * ratio));
  const options = { maxOutputLength: most };
  try {
    return body.length <= inlineBytes ? inflateRawSync(body, options) : await inflateLater(body, options);
  } catch (error) {
    if (codeOf(error) === "ERR_BUFFER_TOO_LARGE") throw new BodyError(413, `a body of ${body.length} bytes inflates to more than ${most}`);
    throw new BodyError(400, `the body is not deflate-raw: ${messageOf(error)}`, { cause: error });
  }
}

function check({ length, time, value, quality }: ReadingColumns): void {
  for (let i = 0; i < length; i++) {
    const at = time[i] ?? Number.NaN;
    if (!(at > 0 && at <= latestTime && Math.floor(at) === at)) throw new BodyError(400, `reading ${i}: ${at} is not a time in ms`);
    const number = value[i] ?? Number.NaN;
    const bad = isBad(quality[i] ?? Q.Bad);
    if (bad ? !Number.isNaN(number) : !Number.isFinite(number))
      throw new BodyError(400, `reading ${i}: a value of ${number} with quality 0x${(quality[i] ?? 0).toString(16)}`);
  }
}

/** Readings without those later than `limit`, and how many these were. */
export function dropFuture(readings: ReadingColumns, limit: number): { readings: ReadingColumns; dropped: number } {
  const { length, series, time, value, quality } = readings;
  let kept = 0;
  for (let i = 0; i < length; i++) {
    if ((time[i] ?? 0) > limit) continue;
    if (kept < i) {
      series[kept] = series[i] ?? 0;
      time[kept] = time[i] ?? 0;
      value[kept] = value[i] ?? 0;
      quality[kept] = quality[i] ?? 0;
    }
    kept++;
  }
  return { readings: { ...readings, length: kept }, dropped: length - kept };
}

/** Events later than `limit` get the time of now: an event that happened is kept, whatever its agent's clock says. */
export function dateEvents(preamble: BatchPreamble, { limit, now }: { readonly limit: number; readonly now: number }): BatchPreamble {
  const { events } = preamble;
  if (events === undefined || events.every(({ time }) => time <= limit)) return preamble;
  return { ...preamble, events: events.map((event) => (event.time <= limit ? event : { ...event, time: now })) };
}

/** Marks what is Good as Uncertain: the agent's clock is off, so its times are in doubt. */
export function doubt({ length, quality }: ReadingColumns): void {
  for (let i = 0; i < length; i++) if (isGood(quality[i] ?? 0)) quality[i] = Q.Uncertain;
}
