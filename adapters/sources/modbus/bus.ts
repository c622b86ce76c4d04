import { connect, type Socket } from "node:net";
import type { Clock } from "../../../core/clock.ts";
import { codeOf, SourceError, type SourceFault } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { ExceptionReply, prefixed } from "./exception.ts";
import type { UnitRead } from "./frame.ts";
import { spanName } from "./plan.ts";
import { Session } from "./session.ts";

export interface BusOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface BusRead extends UnitRead {
  /** How long the device may take, from the moment the request is sent; also how long connecting may take. */
  readonly timeoutMs: number;
  /** Pause on this bus before and after this request. */
  readonly gapMs: number;
  readonly signal: AbortSignal;
  /** Who asks, for `abandon`. */
  readonly asker: object;
}

interface Job {
  readonly read: BusRead;
  readonly resolve: (registers: Buffer) => void;
  readonly reject: (error: SourceError) => void;
  /** Stops the clock and the signal from ending it. */
  release: () => void;
  /** Was sent before, on a connection that turned out to be dead. */
  again: boolean;
  done: boolean;
}

/**
 * One connection to a host and port, shared by all units behind it, and the queue before it. Requests are sent in the order
 * they are asked. A reply that comes too late, or that is none, ends the connection, so that it can never be taken for
 * another's; the next request makes a new one.
 */
export class Bus {
  readonly #options: BusOptions;
  readonly #queue: Job[] = [];
  readonly #inFlight = new Set<Job>();
  #session: Session | undefined;
  #connecting: Socket | undefined;
  /** Why it was closed, once it is. */
  #closed: SourceError | undefined;
  #maxInFlight = 1;
  /** When the last request was sent or done, monotonic ms, and the pause it asked for. */
  #last = { at: Number.NEGATIVE_INFINITY, gapMs: 0 };
  #cancelPause: (() => void) | undefined;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /**
   * The values' bytes as on the wire: two per register, one per eight bits. Rejects with ExceptionReply or SourceError, whose message names
   * the registers but not the host: `holding 100+2: timed out after 2 s`.
   */
  read(read: BusRead): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const job: Job = { read, resolve, reject, release: () => {}, again: false, done: false };
      if (this.#closed !== undefined) return this.#fail(job, this.#closed);
      if (read.signal.aborted) return this.#giveUp(job);
      const abort = (): void => this.#giveUp(job);
      read.signal.addEventListener("abort", abort, { once: true });
      job.release = () => read.signal.removeEventListener("abort", abort);
      this.#queue.push(job);
      this.#pump();
    });
  }

  /** Requests that may be under way at once: one at first. Gateways with serial lines behind them, and many PLCs, bear no more. */
  allow(maxInFlight: number): void {
    this.#maxInFlight = maxInFlight;
    this.#pump();
  }

  /** Rejects what this asker waits for; what others wait for is not touched. */
  abandon(asker: object): void {
    for (const job of [...this.#queue, ...this.#inFlight]) if (job.read.asker === asker) this.#giveUp(job);
  }

  /** Ends the connection; what was asked and not answered is rejected. */
  close(): void {
    const reason = new SourceError("disconnected", "the source was closed");
    this.#closed = reason;
    this.#cancelPause?.();
    this.#connecting?.destroy();
    this.#session?.end(reason);
    for (const job of [...this.#inFlight, ...this.#queue]) this.#fail(job, reason);
    this.#queue.length = 0;
  }

  #pump(): void {
    let next = this.#queue[0];
    while (next !== undefined && this.#closed === undefined && this.#inFlight.size < this.#maxInFlight) {
      if (this.#session === undefined) {
        this.#connect(next.read.timeoutMs);
        return;
      }
      if (this.#pauses(next)) return;
      this.#queue.shift();
      this.#send(this.#session, next);
      next = this.#queue[0];
    }
  }

  /** True while the gap after the last request is not over; the queue goes on when it is. */
  #pauses(next: Job): boolean {
    const { clock } = this.#options;
    const wait = this.#last.at + Math.max(this.#last.gapMs, next.read.gapMs) - clock.monotonic();
    if (wait <= 0) return false;
    this.#cancelPause ??= clock.after(wait, () => {
      this.#cancelPause = undefined;
      this.#pump();
    });
    return true;
  }

  #send(session: Session, job: Job): void {
    const { read } = job;
    this.#inFlight.add(job);
    this.#mark(job);
    const worked = session.answered > 0;
    const unlisten = job.release;
    const cancel = this.#options.clock.after(read.timeoutMs, () => {
      session.end(new SourceError("disconnected", "dropped after a time-out"));
      this.#fail(job, new SourceError("timeout", `timed out after ${read.timeoutMs / 1000} s`));
    });
    job.release = () => {
      cancel();
      unlisten();
    };
    session.read(read).then(
      (registers) => this.#finish(job, () => job.resolve(registers)),
      (error: SourceError) => {
        // A connection that has worked and is found dead says nothing of the device: it or a firewall closed it while idle.
        if (worked && !job.again && isDeadConnection(error)) this.#resend(job, { cancel, unlisten });
        else this.#fail(job, error);
      },
    );
  }

  #resend(job: Job, { cancel, unlisten }: { cancel: () => void; unlisten: () => void }): void {
    if (job.done) return;
    cancel();
    job.release = unlisten;
    job.again = true;
    this.#inFlight.delete(job);
    this.#queue.unshift(job);
    this.#pump();
  }

  #mark(job: Job): void {
    this.#last = { at: this.#options.clock.monotonic(), gapMs: job.read.gapMs };
  }

  #finish(job: Job, tell: () => void): void {
    if (job.done) return;
    job.done = true;
    job.release();
    if (this.#inFlight.delete(job)) this.#mark(job);
    tell();
    this.#pump();
  }

  #fail(job: Job, error: SourceError): void {
    this.#finish(job, () => job.reject(prefixed(error, `${spanName(job.read)}: `)));
  }

  /** The asker does not wait any longer. */
  #giveUp(job: Job): void {
    const queued = this.#queue.indexOf(job);
    if (queued !== -1) this.#queue.splice(queued, 1);
    const wasSent = this.#inFlight.has(job);
    // Its reply may still come: not on a connection that others use.
    if (wasSent) this.#session?.end(new SourceError("disconnected", "dropped with an answer outstanding"));
    this.#fail(job, new SourceError("timeout", wasSent ? "given up before the device answered" : "given up before it was sent"));
  }

  #connect(timeoutMs: number): void {
    if (this.#connecting !== undefined) return;
    const { host, port, clock } = this.#options;
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    this.#connecting = socket;
    const settle = (): void => {
      cancel();
      this.#connecting = undefined;
    };
    const fail = (error: SourceError): void => {
      settle();
      socket.destroy();
      // Whoever waits for this host would only learn the same, each after another time-out.
      for (const job of this.#queue.splice(0)) this.#finish(job, () => job.reject(error));
    };
    const cancel = clock.after(timeoutMs, () => fail(new SourceError("timeout", `connecting: timed out after ${timeoutMs / 1000} s`)));
    socket.once("error", (error) => {
      if (this.#connecting === socket) fail(connectFault(error));
    });
    socket.once("connect", () => {
      settle();
      this.#adopt(socket);
    });
    socket.once("close", cancel);
  }

  #adopt(socket: Socket): void {
    if (this.#closed !== undefined) {
      socket.destroy();
      return;
    }
    const session = new Session(socket, (why, unanswered) => {
      if (this.#session === session) this.#session = undefined;
      if (why.fault === "malformed" && unanswered === 0) this.#tellUnasked(why);
    });
    this.#session = session;
    this.#pump();
  }

  /** Nobody's request failed by it, so it is told here. */
  #tellUnasked(why: SourceError): void {
    const { host, port, log } = this.#options;
    log.warn({ bus: `${host}:${port}`, found: why.message }, "Modbus connection dropped: the device sent what nobody asked for");
  }
}

function isDeadConnection(error: SourceError): boolean {
  return error.fault === "disconnected" && !(error instanceof ExceptionReply);
}

const connectFaults: Readonly<Record<string, { fault: SourceFault; says: string }>> = {
  ECONNREFUSED: { fault: "refused", says: "refused" },
  ECONNRESET: { fault: "disconnected", says: "the host broke it off" },
  ETIMEDOUT: { fault: "timeout", says: "timed out" },
  ENOTFOUND: { fault: "unreachable", says: "name not found" },
  EAI_AGAIN: { fault: "unreachable", says: "name server does not answer" },
  EHOSTUNREACH: { fault: "unreachable", says: "no route to the host" },
  ENETUNREACH: { fault: "unreachable", says: "no route to the network" },
};

function connectFault(error: Error): SourceError {
  const code = codeOf(error);
  const { fault, says } = connectFaults[code ?? ""] ?? { fault: "unreachable", says: error.message };
  return new SourceError(fault, `connecting: ${says}${code === undefined ? "" : ` (${code})`}`, { cause: error });
}
