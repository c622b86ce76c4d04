import { parseHeader, payloadMatches, recordHeaderBytes } from "../core/record.ts";
import { intakeLimits } from "./intake.ts";

/** One batch of a run. */
export interface Frame {
  readonly seq: number;
  readonly count: number;
  readonly body: Buffer;
}

/** The records of a run; undefined where the bytes are none, or too many. */
export function framesOf(body: Buffer): readonly Frame[] | undefined {
  const frames: Frame[] = [];
  for (let at = 0; at < body.length; ) {
    const header = parseHeader(body, at);
    if (header === undefined || frames.length === intakeLimits.runBatches) return undefined;
    const payload = body.subarray(at + recordHeaderBytes, at + recordHeaderBytes + header.length);
    if (!payloadMatches(header, payload)) return undefined;
    frames.push({ seq: header.seq, count: header.count, body: payload });
    at += recordHeaderBytes + header.length;
  }
  return frames;
}
