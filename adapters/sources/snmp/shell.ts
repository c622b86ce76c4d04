import type { SnmpConfig } from "../../../config/assets.ts";
import type { Clock } from "../../../core/clock.ts";
import { credentialsOf, targetOf } from "./credentials.ts";
import { Deadlines } from "./deadlines.ts";
import type { Varbind } from "./decode.ts";
import { KeyRing } from "./keys.ts";
import { Names } from "./names.ts";
import { createRequests, type Requests } from "./requests.ts";
import { createSession } from "./session.ts";
import { SharedSocket } from "./socket.ts";
import { walkSubtree } from "./subtree.ts";

/** One device, asked by hand: what the command line's one-shot tools are made of. Reads only. */
export interface Shell {
  /** Whom it asks, for messages. */
  readonly target: string;
  readonly requests: Requests;
  /** Everything at and below a name; at most `most` variables. Rejects with SourceError. */
  walk(root: string, most: number): AsyncGenerator<Varbind>;
  close(): Promise<void>;
}

/** Opens a shell on a configured device. Rejects where its name cannot be resolved, or a secret cannot be read. */
export async function openShell(
  spec: SnmpConfig,
  { clock, malformed }: { readonly clock: Clock; readonly malformed: (what: string) => void },
): Promise<Shell> {
  const target = targetOf(spec);
  const credentials = credentialsOf(spec, target);
  const address = await new Names(clock).resolve(spec.host);
  const shared = { socket: new SharedSocket(), deadlines: new Deadlines(clock), ring: new KeyRing(), clock };
  const { timeout: timeoutMs, retries } = spec;
  const peer = { ...address, port: spec.port };
  const session = createSession({ peer, target, credentials, timeoutMs, retries, shared, malformed, met: () => {} });
  const requests = createRequests({ session, target, signal: new AbortController().signal });
  return {
    target,
    requests,
    walk: (root, most) => walkSubtree({ requests, root, most }),
    async close() {
      session.close();
      await shared.socket.close();
    },
  };
}
