import { messageOf } from "../../../core/errors.ts";
import type { Answer } from "./answer.ts";
import type { Varbind } from "./decode.ts";
import { errorStatus, Refusal, Undecodable } from "./faults.ts";
import type { Span } from "./oid.ts";
import type { Session } from "./session.ts";

/** Types of variables that stand for "there is none" (RFC 3416 §3). */
export const absence = { noSuchObject: 128, noSuchInstance: 129, endOfMibView: 130 } as const;

/** Type of a variable that the device answers with and nobody can decode. */
const undecodable = 0;

/** True when the device has no value there. */
export function isAbsent(varbind: Varbind): boolean {
  return varbind.type >= absence.noSuchObject;
}

/** What is asked of a device in a round, whichever version it speaks. All reject with SourceError. */
export interface Requests {
  /** The variables in the order asked. Split where the device says it is too big, or where one variable spoils the answer. */
  get(oids: readonly string[]): Promise<readonly Varbind[]>;
  getNext(oids: readonly string[]): Promise<readonly Varbind[]>;
  /** As Session.getBulk. */
  getBulk(names: readonly Span[], repetitions: number): Promise<Answer>;
}

/** Most variables in one request: about what fits a datagram of 1,472 bytes together with the values. */
const maxVariables = 50;

export interface RequestsOptions {
  readonly session: Session;
  /** Whom we ask, for messages. */
  readonly target: string;
  readonly version: "1" | "2c" | "3";
  /** Ends whatever is asked. */
  readonly signal: AbortSignal;
}

export function createRequests({ session, target, version, signal }: RequestsOptions): Requests {
  const tolerant = version === "1" ? tolerateNoSuchName : (ask: Ask): Ask => ask;
  const get = split(
    target,
    tolerant((oids) => session.get(oids, signal), absence.noSuchInstance),
  );
  const getNext = split(
    target,
    tolerant((oids) => session.getNext(oids, signal), absence.endOfMibView),
  );
  return {
    get,
    getNext,
    getBulk: (names, repetitions) => session.getBulk(names, repetitions, signal),
  };
}

type Ask = (oids: readonly string[]) => Promise<readonly Varbind[]>;

/** Asks for all at once, and in halves where that is too big or cannot be decoded: one bad variable does not spoil the others. */
function split(target: string, ask: Ask): Ask {
  let cause: unknown;
  const parts: Ask = async (oids) => {
    if (oids.length > maxVariables) return halves(parts, oids, maxVariables);
    try {
      return await ask(oids);
    } catch (error) {
      if (oids.length > 1 && isSplittable(error)) return halves(parts, oids, oids.length >> 1);
      if (!(error instanceof Undecodable)) throw error;
      cause = error.cause ?? error;
      return oids.map((oid) => ({ oid, type: undecodable, value: null }));
    }
  };
  return async (oids) => {
    const answer = await parts(oids);
    if (oids.length > 0 && answer.every(({ type }) => type === undecodable))
      throw new Undecodable(`${target}: none of ${oids.length} variables, ${oids[0]} and on, can be decoded: ${messageOf(cause)}`, {
        cause,
      });
    return answer;
  };
}

async function halves(ask: Ask, oids: readonly string[], at: number): Promise<readonly Varbind[]> {
  return [...(await ask(oids.slice(0, at))), ...(await ask(oids.slice(at)))];
}

function isSplittable(error: unknown): boolean {
  return error instanceof Undecodable || (error instanceof Refusal && error.status === errorStatus.tooBig);
}

/** In v1 one missing variable refuses the whole request (RFC 1157 §4.1.2): it is left out, and the rest asked again. */
function tolerateNoSuchName(ask: Ask, missing: number): Ask {
  return async (oids) => {
    const none = new Set<string>();
    for (;;) {
      const asked = oids.filter((oid) => !none.has(oid));
      try {
        const answer = asked.length === 0 ? [] : await ask(asked);
        return fill(oids, none, answer, missing);
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== errorStatus.noSuchName) throw error;
        const refused = error.oid !== undefined && asked.includes(error.oid) ? error.oid : asked.length === 1 ? asked[0] : undefined;
        if (refused === undefined) throw error;
        none.add(refused);
      }
    }
  };
}

function fill(oids: readonly string[], none: ReadonlySet<string>, answer: readonly Varbind[], type: number): readonly Varbind[] {
  let next = 0;
  return oids.map((oid) => {
    const found = none.has(oid) ? undefined : answer[next++];
    return found ?? { oid, type, value: null };
  });
}
