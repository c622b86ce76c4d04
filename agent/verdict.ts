import { z } from "zod";
import type { Answer } from "./client.ts";

/** What an answer means for the batch that was sent: docs/delivery.md §3.4. */
export type Verdict =
  /** Everything up to `ack` is stored; `timeMs` is the collector's clock. */
  | { readonly kind: "ack"; readonly ack: number; readonly duplicate: boolean; readonly timeMs: number | undefined }
  /** The collector wants this seq next. */
  | { readonly kind: "expect"; readonly seq: number }
  /** The collector does not know these series numbers. */
  | { readonly kind: "describe"; readonly numbers: readonly number[] }
  /** Nothing wrong with the batch: later. */
  | { readonly kind: "later"; readonly reason: string; readonly waitMs: number | undefined }
  /** This agent may not send. */
  | { readonly kind: "denied"; readonly reason: string }
  /** This batch will never be taken. */
  | { readonly kind: "poison"; readonly reason: string };

const seq = z.int().min(0);
const ackBody = z.object({ ack: seq, time: z.number().optional(), duplicate: z.boolean().optional() });
const expectBody = z.object({ expect: seq.min(1) });
const describeBody = z.object({ describe: z.array(seq).min(1) });
const problem = z.object({ title: z.string().optional(), detail: z.string().optional() });
const markBody = z.object({ mark: seq.nullable(), time: z.number().optional() });

/** 4xx that speak of the way or the moment, not of the batch. */
const notAboutTheBatch: ReadonlySet<number> = new Set([404, 405, 407, 408, 410, 421, 425, 426, 431]);
const mostWaitMs = 600_000;

/** Judges the answer to a batch; `now` in ms since epoch, for a Retry-After that is a date. */
export function judge(answer: Answer, now: number): Verdict {
  const { status, body } = answer;
  if (status === 200) {
    const ack = ackBody.safeParse(body);
    if (!ack.success) return { kind: "later", reason: "answered 200 without an ack: not a collector", waitMs: undefined };
    return { kind: "ack", ack: ack.data.ack, duplicate: ack.data.duplicate === true, timeMs: ack.data.time };
  }
  const reason = reasonOf(answer);
  if (status === 401 || status === 403) return { kind: "denied", reason };
  if (status === 409) {
    const expect = expectBody.safeParse(body);
    if (expect.success) return { kind: "expect", seq: expect.data.expect };
    const describe = describeBody.safeParse(body);
    if (describe.success) return { kind: "describe", numbers: describe.data.describe };
  }
  const aboutTheBatch = status >= 400 && status < 500 && status !== 429 && !notAboutTheBatch.has(status);
  if (aboutTheBatch && isProblem(answer)) return { kind: "poison", reason };
  return { kind: "later", reason, waitMs: retryAfterMs(answer.headers["retry-after"], now) };
}

/** The mark of an answer to `GET /api/v1/ingest`; undefined where it is no such answer. */
export function markOf(answer: Answer): { readonly mark: number | null; readonly timeMs: number | undefined } | undefined {
  const found = markBody.safeParse(answer.body);
  return answer.status === 200 && found.success ? { mark: found.data.mark, timeMs: found.data.time } : undefined;
}

/** `answered 503 Service Unavailable: store is busy`; foreign text is cut short. */
export function reasonOf(answer: Answer): string {
  const found = problem.safeParse(answer.body);
  const text = found.success ? [found.data.title, found.data.detail].filter((part) => part !== undefined).join(": ") : "";
  return `answered ${answer.status}${text === "" ? "" : `: ${JSON.stringify(text.slice(0, 500))}`}`;
}

/** Retry-After as ms from now (RFC 9110 §10.2.3): seconds or a date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.min(mostWaitMs, Math.max(0, wait)) : undefined;
}

function isProblem(answer: Answer): boolean {
  return (answer.headers["content-type"] ?? "").startsWith("application/problem+json");
}
