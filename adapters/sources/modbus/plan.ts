import { isBitTable, type ModbusTable } from "../../../config/modbus.ts";

/** Registers, coils or discrete inputs `address` to `address + count - 1`. */
export interface Span {
  readonly table: ModbusTable;
  readonly address: number;
  readonly count: number;
}

/** One request, and the wanted spans it answers: each lies wholly inside it. */
export interface PlannedRead<S extends Span = Span> extends Span {
  readonly spans: readonly S[];
}

export interface PlanLimits {
  /** Most registers in one request. */
  readonly maxRegisters: number;
  /** Most unwanted registers between two spans that are read along; of bits 16 times as many, which are as many bytes. */
  readonly maxGap: number;
  /** Most coils or discrete inputs in one request. */
  readonly maxBits: number;
}

/** What is wanted of one device, and how it may be asked for it. */
export interface Wanted<S extends Span> {
  readonly spans: readonly S[];
  readonly limits: PlanLimits;
  /** Where the device's own structure ends a request. */
  readonly cut?: Cut;
}

/** True where no request may join what lies before `address` with what starts at it: learnt from refusals, or known of the device. */
export type Cut = (table: ModbusTable, address: number) => boolean;

const noCuts: Cut = () => false;

/**
 * Requests that cover every span exactly once, fewest first found: spans in order of address, joined while the request stays
 * within the limits and crosses no cut. A span wider than a request may be gets one of its own.
 */
export function planReads<S extends Span>(spans: readonly S[], limits: PlanLimits, cut: Cut = noCuts): PlannedRead<S>[] {
  const reads: PlannedRead<S>[] = [];
  let open: S[] = [];
  let end = 0;
  const close = (): void => {
    if (open.length > 0) reads.push(readOf(open));
    open = [];
  };
  for (const span of [...spans].sort(byAddress)) {
    const first = open[0];
    if (first === undefined || !joins({ first, end, span, limits, cut })) {
      close();
      end = 0;
    }
    open.push(span);
    end = Math.max(end, span.address + span.count);
  }
  close();
  return reads;
}

/**
 * The two halves of a read that was refused, or undefined where it holds a single span: cut in its widest hole, which is
 * what a device most likely refuses, else in the middle.
 */
export function bisect<S extends Span>(read: PlannedRead<S>): readonly [PlannedRead<S>, PlannedRead<S>] | undefined {
  const { spans } = read;
  let best: { at: number; hole: number; balance: number } | undefined;
  let end = 0;
  for (const [at, span] of spans.entries()) {
    const hole = span.address - end;
    const balance = Math.min(at, spans.length - at);
    const wider = best === undefined || hole > best.hole || (hole === best.hole && balance > best.balance);
    if (at > 0 && wider) best = { at, hole, balance };
    end = Math.max(end, span.address + span.count);
  }
  return best === undefined ? undefined : [readOf(spans.slice(0, best.at)), readOf(spans.slice(best.at))];
}

/** A span for messages: `holding 100+2`. */
export function spanName(span: Span): string {
  return `${span.table} ${span.address}+${span.count}`;
}

function joins<S extends Span>(join: { first: S; end: number; span: S; limits: PlanLimits; cut: Cut }): boolean {
  const { first, end, span, limits, cut } = join;
  if (span.table !== first.table) return false;
  const { most, gap } = boundsOf(span.table, limits);
  if (Math.max(end, span.address + span.count) - first.address > most) return false;
  if (span.address - end > gap) return false;
  for (let address = Math.min(end, span.address); address <= span.address; address++) if (cut(span.table, address)) return false;
  return true;
}

function boundsOf(table: ModbusTable, { maxRegisters, maxBits, maxGap }: PlanLimits): { most: number; gap: number } {
  return isBitTable(table) ? { most: maxBits, gap: 16 * maxGap } : { most: maxRegisters, gap: maxGap };
}

function readOf<S extends Span>(spans: readonly S[]): PlannedRead<S> {
  const first = spans[0];
  if (first === undefined) throw new Error("a read needs a span");
  let end = 0;
  for (const span of spans) end = Math.max(end, span.address + span.count);
  return { table: first.table, address: first.address, count: end - first.address, spans };
}

function byAddress(a: Span, b: Span): number {
  if (a.table !== b.table) return a.table < b.table ? -1 : 1;
  return a.address - b.address || a.count - b.count;
}
