import { messageOf, SourceError } from "../../../core/errors.ts";
import { type Hearer, Session, type SessionOptions } from "./session.ts";

/** One broker as the assets of this process share it: connected while somebody listens, by one connection. */
export class Broker {
  readonly url: string;
  #options: SessionOptions;
  #listeners = 0;
  #opening: { readonly session: Promise<Session>; readonly abort: AbortController } | undefined;

  constructor(options: SessionOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /** The newest config of this broker: the same words, but its secret may be another reference. Used at the next connect. */
  renew(options: SessionOptions): void {
    this.#options = options;
  }

  /**
   * Connects if need be, subscribes, calls `live`, and delivers until the signal aborts (then it resolves) or the connection
   * is lost (then it rejects with SourceError).
   */
  async listen(hearer: Hearer, signal: AbortSignal, live: () => void): Promise<void> {
    if (signal.aborted) return;
    this.#listeners++;
    try {
      const session = await orAborted(this.#join(), signal);
      if (session !== undefined) await hear(session, { hearer, signal, live });
    } finally {
      this.#listeners--;
      if (this.#listeners === 0) await this.close();
    }
  }

  /** Ends the connection; who still listens is told that it was lost. Never rejects. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening === undefined) return;
    opening.abort.abort();
    try {
      await (await opening.session).end();
    } catch (error) {
      this.#options.log.debug({ broker: this.url, error: messageOf(error) }, "broker was not connected");
    }
  }

  #join(): Promise<Session> {
    if (this.#opening !== undefined) return this.#opening.session;
    const abort = new AbortController();
    const session = Session.open(this.#options, abort.signal);
    const opening = { session, abort };
    this.#opening = opening;
    const over = (): void => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    session.then((opened) => opened.lost.then(over), over).catch(over);
    return session;
  }
}

interface Hearing {
  readonly hearer: Hearer;
  readonly signal: AbortSignal;
  readonly live: () => void;
}

async function hear(session: Session, { hearer, signal, live }: Hearing): Promise<void> {
  try {
    const attached = await orAborted(
      session.attach(hearer).then(() => true),
      signal,
    );
    if (attached === undefined) return;
    live();
    const lost = await orAborted(session.lost, signal);
    if (lost instanceof SourceError) throw lost;
  } finally {
    session.detach(hearer);
  }
}

/** What the promise gives, or undefined as soon as the signal aborts. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
