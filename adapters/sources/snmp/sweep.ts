import type { SnmpConfig } from "../../../config/assets.ts";
import type { SnmpHead } from "../../../config/snmp.ts";
import type { Clock } from "../../../core/clock.ts";
import { SourceError } from "../../../core/errors.ts";
import { credentialsOf, targetOf } from "./credentials.ts";
import { Deadlines } from "./deadlines.ts";
import { detect } from "./detect.ts";
import { KeyRing } from "./keys.ts";
import { askIdentity, type SelfPortrait } from "./match.ts";
import { Names } from "./names.ts";
import { createRequests } from "./requests.ts";
import { type Credentials, createSession, type Shared } from "./session.ts";
import { SharedSocket } from "./socket.ts";

/** A device that answered. */
export interface Found extends SelfPortrait {
  readonly host: string;
  /** Which of the credentials it took; undefined for a device that speaks version 3 and knows none of our users. */
  readonly credentials: number | undefined;
  /** Profiles that it matches. */
  readonly profiles: readonly string[];
}

export interface SweepOptions {
  readonly hosts: Iterable<string>;
  /** How a device may be asked, in this order; `host` of them is not looked at. */
  readonly ways: readonly SnmpConfig[];
  readonly heads: readonly SnmpHead[];
  readonly clock: Clock;
  /** Devices that are asked at once. */
  readonly atOnce: number;
}

/**
 * Asks each host whether it speaks SNMP, way by way, until one is answered: one GET each, and of those who answer the
 * probes of the profiles. Whoever answers to no way is asked for the engine of version 3, which tells that there is one.
 */
export async function sweep(options: SweepOptions, each: (found: Found) => void): Promise<void> {
  const { clock, atOnce } = options;
  const shared: Shared = { socket: new SharedSocket(), deadlines: new Deadlines(clock), ring: new KeyRing(), clock };
  const hosts = options.hosts[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = hosts.next(); next.done !== true; next = hosts.next()) {
      const found = await ask(next.value, options, shared);
      if (found !== undefined) each(found);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    await shared.socket.close();
  }
}

async function ask(host: string, { ways, heads, clock }: SweepOptions, shared: Shared): Promise<Found | undefined> {
  for (const [credentials, way] of ways.entries()) {
    const found = await tryWay({ ...way, host }, heads, { shared, clock });
    if (found !== undefined) return { host, credentials, ...found };
  }
  const [way] = ways;
  const speaks = way !== undefined && (await hasEngine({ ...way, host }, { shared, clock }));
  return speaks
    ? { host, credentials: undefined, sysName: undefined, sysDescr: undefined, sysObjectId: undefined, profiles: [] }
    : undefined;
}

interface Place {
  readonly shared: Shared;
  readonly clock: Clock;
}

async function tryWay(
  spec: SnmpConfig,
  heads: readonly SnmpHead[],
  place: Place,
): Promise<(SelfPortrait & { profiles: readonly string[] }) | undefined> {
  const { session, target } = await open(spec, credentialsOf(spec, targetOf(spec)), place);
  try {
    const requests = createRequests({ session, target, signal: unending() });
    const identity = await askIdentity(requests);
    const profiles = await detect(requests, identity, heads);
    return { ...identity, profiles: profiles.map(({ profile }) => profile) };
  } catch (error) {
    if (error instanceof SourceError && error.fault !== "config") return undefined;
    throw error;
  } finally {
    session.close();
  }
}

/** Asks as nobody: a device of version 3 names its engine before it refuses (RFC 3414 §4). */
async function hasEngine(spec: SnmpConfig, place: Place): Promise<boolean> {
  const met = { engine: false };
  const { session } = await open(spec, { version: "3", user: "", context: "" }, place, () => {
    met.engine = true;
  });
  try {
    await session.get(["1.3.6.1.2.1.1.3.0"], unending());
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
  } finally {
    session.close();
  }
  return met.engine;
}

/** Requests end by their time-outs. One for each session: it is kept by the signal that it listens to. */
function unending(): AbortSignal {
  return new AbortController().signal;
}

async function open(spec: SnmpConfig, credentials: Credentials, { shared, clock }: Place, met: () => void = () => {}) {
  const target = targetOf(spec);
  const peer = { ...(await new Names(clock).resolve(spec.host)), port: spec.port };
  const { timeout: timeoutMs, retries } = spec;
  return { target, session: createSession({ peer, target, credentials, timeoutMs, retries, shared, malformed: () => {}, met }) };
}
