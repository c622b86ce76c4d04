import type { Varbind } from "./decode.ts";
import { errorStatus, Refusal, Undecodable } from "./faults.ts";
import { compareOids, encodeOid, indexUnder } from "./oid.ts";
import { isAbsent, type Requests } from "./requests.ts";

export interface SubtreeOptions {
  readonly requests: Pick<Requests, "getNext" | "getBulk">;
  /** Everything below it, and itself. */
  readonly root: string;
  /** Most variables; a device that loops is left at the latest there. */
  readonly most: number;
}

/** Variables that are asked for in one request; halved where the device says it is too big, or its answer cannot be read. */
const atOnce = 25;

/**
 * All variables of a subtree in the order of their names: what a profile author looks at. Ends where the device has no
 * more, and throws where names do not increase. Rejects with SourceError.
 */
export async function* walkSubtree({ requests, root, most }: SubtreeOptions): AsyncGenerator<Varbind> {
  const walk = { from: root, repetitions: atOnce };
  for (let count = 0; count < most; ) {
    const found = await next(requests, walk);
    if (found.length === 0) return;
    for (const varbind of found) {
      if (isAbsent(varbind) || indexUnder(root, varbind.oid) === undefined) return;
      if (compareOids(varbind.oid, walk.from) <= 0)
        throw new Error(`${walk.from}: the device answers with ${varbind.oid}, which is not after it`);
      yield varbind;
      walk.from = varbind.oid;
      if (++count >= most) return;
    }
  }
}

async function next(requests: SubtreeOptions["requests"], walk: { from: string; repetitions: number }): Promise<readonly Varbind[]> {
  for (;;) {
    try {
      const bytes = encodeOid(walk.from);
      const answer = await requests.getBulk([{ bytes, start: 0, end: bytes.length }], walk.repetitions);
      return answer.varbinds();
    } catch (error) {
      // Version 1 says so where nothing follows.
      if (error instanceof Refusal && error.status === errorStatus.noSuchName) return [];
      const tooMuch = error instanceof Undecodable || (error instanceof Refusal && error.status === errorStatus.tooBig);
      if (!tooMuch || walk.repetitions === 1) throw error;
      walk.repetitions >>= 1;
    }
  }
}
