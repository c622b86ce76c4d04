import type { ModbusTable } from "../../../config/modbus.ts";
import type { Cut, Span } from "./plan.ts";

/** What a device once refused is asked for again after this long: its program or firmware may have changed. */
export const refusalExpiryMs = 600_000;

/**
 * What a device has shown it does not answer: single values that it refuses, and places that no request may cross. Times are
 * monotonic ms; everything is forgotten `refusalExpiryMs` after it was learnt.
 */
export class Refusals<Reason> {
  readonly #spans = new Map<string, { until: number; reason: Reason }>();
  readonly #cuts = new Map<string, number>();

  /** The device refuses this value by itself. Nothing is read across it any more. */
  refuse(span: Span, reason: Reason, now: number): void {
    this.#spans.set(spanKey(span), { until: now + refusalExpiryMs, reason });
    this.split(span.table, span.address, now);
  }

  /** The device answers what lies before this address and what starts at it, but not both in one request. */
  split(table: ModbusTable, address: number, now: number): void {
    this.#cuts.set(`${table} ${address}`, now + refusalExpiryMs);
  }

  /** Why the value is not asked for now; undefined where it is. */
  of(span: Span, now: number): Reason | undefined {
    if (this.#spans.size === 0) return undefined;
    const key = spanKey(span);
    const refused = this.#spans.get(key);
    if (refused === undefined || refused.until > now) return refused?.reason;
    this.#spans.delete(key);
    return undefined;
  }

  /** The places that no request may cross now. */
  cuts(now: number): Cut {
    for (const [key, until] of this.#cuts) if (until <= now) this.#cuts.delete(key);
    return (table, address) => this.#cuts.size > 0 && this.#cuts.has(`${table} ${address}`);
  }

  get isEmpty(): boolean {
    return this.#spans.size === 0 && this.#cuts.size === 0;
  }

  forget(): void {
    this.#spans.clear();
    this.#cuts.clear();
  }
}

/** Identity of a span within its device. */
export function spanKey(span: Span): string {
  return `${span.table} ${span.address}+${span.count}`;
}
