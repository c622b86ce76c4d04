import type { SnmpConfig } from "../../../config/assets.ts";
import { snmpHeads } from "../../../config/profile-heads.ts";
import { shippedSnmpProfile } from "../../../config/shipped-snmp.ts";
import type { Clock } from "../../../core/clock.ts";
import { messageOf, SourceError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { PolledSource, SourceAdapter, SourceContext } from "../../../core/source.ts";
import { combine } from "./combination.ts";
import { compileProfile } from "./compile.ts";
import { type Account, accountsOf, credentialsOf, inVlan, targetOf } from "./credentials.ts";
import { Deadlines } from "./deadlines.ts";
import { Device } from "./device.ts";
import { Engines } from "./engines.ts";
import { KeyRing } from "./keys.ts";
import { type Address, Names } from "./names.ts";
import { withIntervals, withScale } from "./overrides.ts";
import type { ProfilePlan } from "./plan.ts";
import { createRequests } from "./requests.ts";
import { createSession, type Session, type Shared } from "./session.ts";
import { SharedSocket } from "./socket.ts";
import { Lookout, lookoutPlaces } from "./topology/lookout.ts";

const auto = "auto";

export interface SnmpAdapterOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** The profile of a name; those that are shipped without it. */
  readonly shipped?: (name: string) => ProfilePlan;
}

/** SNMP sources: they share one UDP socket per address family, resolved names and compiled profiles. */
export function createSnmpAdapter({ clock, shipped = once(shippedPlan) }: SnmpAdapterOptions): SourceAdapter<SnmpConfig> {
  const shared = { socket: new SharedSocket(), deadlines: new Deadlines(clock), ring: new KeyRing(), clock };
  const engines = new Engines();
  const names = new Names(clock);
  const places = lookoutPlaces();
  const heads = once(() => snmpHeads());
  return {
    protocol: "snmp",
    source(spec, context) {
      const asked = [spec.profile].flat();
      const target = targetOf(spec);
      const planOf = isPlain(spec) ? shipped : once((name) => withIntervals(withScale(shipped(name), spec.scale), spec.tables));
      const { profiles: named } = combine(asked.filter((name) => name !== auto).map(planOf));
      const choices = asked.includes(auto) ? { heads: heads(auto), planOf } : undefined;
      const device = new Device({ target, context, named, choices });
      const { topology } = spec;
      const lookout = topology === "off" ? undefined : new Lookout({ target, context, everyMs: topology.every, places });
      return new SnmpSource({ spec, target, context, device, lookout, shared, engines, names });
    },
    close: () => shared.socket.close(),
  };
}

/** True where a device's profiles are polled as they are: then all such devices share their plans. */
function isPlain({ scale, tables }: SnmpConfig): boolean {
  return Object.keys(scale).length === 0 && Object.keys(tables).length === 0;
}

function shippedPlan(name: string): ProfilePlan {
  return compileProfile(shippedSnmpProfile(name));
}

/** The same answer for the same name, made once. */
function once<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name) ?? make(name);
    made.set(name, known);
    return known;
  };
}

interface Parts {
  readonly spec: SnmpConfig;
  readonly target: string;
  readonly context: SourceContext;
  readonly device: Device;
  /** Undefined where nobody is to look around from the device. */
  readonly lookout: Lookout | undefined;
  readonly shared: Shared;
  readonly engines: Engines;
  readonly names: Names;
}

/** A session, to where and as whom. */
interface Open {
  readonly session: Session;
  readonly address: Address;
  readonly account: Account;
}

/** True where a device may answer to other credentials. */
function isUnanswered({ fault }: SourceError): boolean {
  return fault !== "device";
}

class SnmpSource implements PolledSource {
  readonly mode = "poll";
  readonly target: string;
  readonly #parts: Parts;
  /** Ends the round under way. */
  #round: AbortController | undefined;
  /** Why it is not polled any more. */
  #closed: SourceError | undefined;
  #session: Open | undefined;
  /** Those that worked last, then the others in their order. */
  #accounts: readonly Account[];
  /** The last round ended in silence: whether anybody is there is asked first, once and briefly. */
  #silent: boolean;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#accounts = accountsOf(parts.spec);
    this.#silent = false;
    this.target = parts.target;
  }

  async poll(signal: AbortSignal): Promise<void> {
    const { device, lookout } = this.#parts;
    if (this.#closed !== undefined) throw this.#closed;
    const round = new AbortController();
    const abort = (): void => round.abort();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    this.#round = round;
    try {
      const { session, address, account } = await this.#open(round.signal);
      await device.round(createRequests({ session, target: this.target, signal: round.signal }));
      this.#silent = false;
      lookout?.glance((vlan) => this.#create(address, account, vlan).session);
    } catch (error) {
      this.#silent = error instanceof SourceError && error.fault === "timeout";
      // What a session knows of a device that denies or talks nonsense is not kept; and with other credentials to try, none is.
      if (!this.#silent || this.#accounts.length > 1) this.#drop();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#round = undefined;
    }
  }

  async close(): Promise<void> {
    this.#closed ??= new SourceError("disconnected", `${this.target}: the source is closed`);
    this.#round?.abort();
    this.#parts.lookout?.close();
    this.#drop();
  }

  /** The session to where the name leads now, as somebody whom the device answers. */
  async #open(signal: AbortSignal): Promise<Open> {
    const address = await resolved(this.#parts.names.resolve(this.#parts.spec.host), signal, this.target);
    if (this.#session !== undefined && this.#session.address.address !== address.address) this.#drop();
    const open = this.#session;
    if (open === undefined) return this.#begin(address, signal);
    if (this.#silent) await open.session.probe(signal);
    return open;
  }

  async #begin(address: Address, signal: AbortSignal): Promise<Open> {
    const [account, another] = this.#accounts;
    if (account === undefined || another !== undefined) return this.#choose(address, signal);
    this.#session = this.#create(address, account);
    return this.#session;
  }

  /** Asks as one after the other until the device answers; rejects with what was most telling. */
  async #choose(address: Address, signal: AbortSignal): Promise<Open> {
    let telling: SourceError | undefined;
    for (const account of this.#accounts) {
      const open = this.#create(address, account);
      this.#session = open;
      try {
        await open.session.probe(signal);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        if (!isUnanswered(error)) return this.#settleOn(open);
        open.session.close();
        if (telling === undefined || telling.fault === "timeout") telling = error;
        if (signal.aborted) break;
        continue;
      }
      return this.#settleOn(open);
    }
    this.#session = undefined;
    throw telling ?? new SourceError("config", `${this.target}: no credentials`);
  }

  #settleOn(open: Open): Open {
    const { context } = this.#parts;
    if (open.account !== this.#accounts[0]) {
      const place = accountsOf(this.#parts.spec).indexOf(open.account) + 1;
      context.log.info({ asset: context.asset, target: this.target, credentials: place }, "the device answers to other credentials");
    }
    this.#accounts = [open.account, ...accountsOf(this.#parts.spec).filter((account) => account !== open.account)];
    return open;
  }

  #create(address: Address, account: Account, vlan?: number): Open {
    const { spec, target, context, shared, engines } = this.#parts;
    const peer = { address: address.address, family: address.family, port: spec.port };
    const session = createSession({
      peer,
      target,
      credentials: inVlan(credentialsOf(account, target), vlan),
      timeoutMs: spec.timeout,
      retries: spec.retries,
      shared,
      malformed: (what) => context.sink.malformed(`${target}: ${what}`),
      met: (engine) => {
        const other = engines.meet(engine, peer);
        if (other !== undefined)
          context.log.warn({ asset: context.asset, target, engine: engine.toString("hex"), other }, "two devices with one engine id");
      },
    });
    return { session, address, account };
  }

  #drop(): void {
    if (this.#session !== undefined) this.#session.session.close();
    this.#session = undefined;
  }
}

/** An address, or SourceError: `unreachable` where there is none, `timeout` once the signal aborts. */
function resolved<T>(promise: Promise<T>, signal: AbortSignal, target: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new SourceError("timeout", `${target}: the round's time is over`));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    const unknown = (cause: unknown): void => reject(new SourceError("unreachable", `${target}: ${messageOf(cause)}`, { cause }));
    promise.then(resolve, unknown).finally(() => signal.removeEventListener("abort", abort));
  });
}
