import { messageOf, type SourceError } from "../../../core/errors.ts";
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
  /** Ends whatever is asked. */
  readonly signal: AbortSignal;
}

export function createRequests({ session, target, signal }: RequestsOptions): Requests {
  return {
    get: split({
      target,
      ask: leavingOut((oids) => session.get(oids, signal), { missing: absence.noSuchInstance, refused: absence.noSuchInstance }),
      refused: absence.noSuchInstance,
    }),
    getNext: split({
      target,
      ask: leavingOut((oids) => session.getNext(oids, signal), { missing: absence.endOfMibView, refused: undecodable }),
      refused: undecodable,
    }),
    getBulk: (names, repetitions) => session.getBulk(names, repetitions, signal),
  };
}

type Ask = (oids: readonly string[]) => Promise<readonly Varbind[]>;

interface Splitting {
  readonly target: string;
  readonly ask: Ask;
  /** Type that stands for a variable that the device has an error of its own with. */
  readonly refused: number;
}

/** Asks for all at once, and in halves where that is too big, cannot be decoded, or meets an error: one bad variable does not spoil the others. */
function split({ target, ask, refused }: Splitting): Ask {
  const parts = async (oids: readonly string[], spoilt: SourceError[]): Promise<readonly Varbind[]> => {
    if (oids.length > maxVariables) return halves((part) => parts(part, spoilt), oids, maxVariables);
    try {
      return await ask(oids);
    } catch (error) {
      if (oids.length > 1 && isSplittable(error)) return halves((part) => parts(part, spoilt), oids, oids.length >> 1);
      if (!(error instanceof Undecodable) && !isGenErr(error)) throw error;
      spoilt.push(error);
      return oids.map((oid) => ({ oid, type: error instanceof Undecodable ? undecodable : refused, value: null }));
    }
  };
  return async (oids) => {
    const spoilt: SourceError[] = [];
    const answer = await parts(oids, spoilt);
    const none = oids.length > 0 && answer.every(({ type }) => type === undecodable);
    if (!none && (oids.length === 0 || spoilt.length < oids.length)) return answer;
    const [first] = spoilt;
    if (first !== undefined && !(first instanceof Undecodable)) throw first;
    const cause = first?.cause ?? first;
    const why = cause === undefined ? "their values are of no known type" : messageOf(cause);
    throw new Undecodable(`${target}: none of ${oids.length} variables, ${oids[0]} and on, can be decoded: ${why}`, { cause });
  };
}

async function halves(ask: Ask, oids: readonly string[], at: number): Promise<readonly Varbind[]> {
  return [...(await ask(oids.slice(0, at))), ...(await ask(oids.slice(at)))];
}

function isSplittable(error: unknown): boolean {
  return error instanceof Undecodable || isGenErr(error) || (error instanceof Refusal && error.status === errorStatus.tooBig);
}

function isGenErr(error: unknown): error is Refusal {
  return error instanceof Refusal && error.status === errorStatus.genErr;
}

/**
 * One variable refuses the whole request where the device has an error of its own with it (genErr), and in v1 where it is
 * missing (noSuchName, RFC 1157 §4.1.2; agents are met that say so in v2c): it is left out, and the rest asked again.
 */
function leavingOut(ask: Ask, types: { readonly missing: number; readonly refused: number }): Ask {
  return async (oids) => {
    const none = new Map<string, number>();
    for (;;) {
      const asked = oids.filter((oid) => !none.has(oid));
      try {
        const answer = asked.length === 0 ? [] : await ask(asked);
        return fill(oids, none, answer);
      } catch (error) {
        const isMissing = error instanceof Refusal && error.status === errorStatus.noSuchName;
        if (!isMissing && !isGenErr(error)) throw error;
        const named = error.oid !== undefined && asked.includes(error.oid) ? error.oid : undefined;
        const found = named ?? (asked.length === 1 ? asked[0] : undefined);
        // With nothing but errors it is the device that fails, and no variable. One may be asked for twice.
        if (found === undefined || (!isMissing && asked.every((oid) => oid === found))) throw error;
        none.set(found, isMissing ? types.missing : types.refused);
      }
    }
  };
}

function fill(oids: readonly string[], none: ReadonlyMap<string, number>, answer: readonly Varbind[]): readonly Varbind[] {
  let next = 0;
  return oids.map((oid) => {
    const type = none.get(oid);
    const found = type === undefined ? answer[next++] : undefined;
    return found ?? { oid, type: type ?? absence.noSuchInstance, value: null };
  });
}
