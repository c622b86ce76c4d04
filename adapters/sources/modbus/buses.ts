import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { Bus } from "./bus.ts";

const defaultPort = 502;

/** `127.0.0.1:1502`, `plc-3` or `[::1]:502` as host and port. */
export function addressOf(tcp: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(tcp);
  return { host: match?.[1] ?? match?.[2] ?? tcp, port: Number(match?.[3] ?? defaultPort) };
}

export interface SharedBus {
  readonly bus: Bus;
  /** This source needs it no longer; the last one closes it. */
  readonly release: () => void;
}

interface OpenBus {
  readonly bus: Bus;
  /** What each of its sources says of how many requests it bears at once. */
  readonly users: Map<object, number | undefined>;
}

/** The open connections of one adapter. */
export class Buses {
  readonly #shared: { readonly clock: Clock; readonly log: Log };
  readonly #open = new Map<string, OpenBus>();

  constructor(shared: { readonly clock: Clock; readonly log: Log }) {
    this.#shared = shared;
  }

  take(address: { host: string; port: number }, inFlight: number | undefined): SharedBus {
    const key = `${address.host}:${address.port}`;
    const entry = this.#open.get(key) ?? { bus: new Bus({ ...address, ...this.#shared }), users: new Map() };
    this.#open.set(key, entry);
    const user = {};
    entry.users.set(user, inFlight);
    entry.bus.allow(inFlightOf(entry));
    return { bus: entry.bus, release: () => this.#release(key, user) };
  }

  closeAll(): void {
    for (const { bus } of this.#open.values()) bus.close();
    this.#open.clear();
  }

  #release(key: string, user: object): void {
    const entry = this.#open.get(key);
    if (entry === undefined || !entry.users.delete(user)) return;
    entry.bus.allow(inFlightOf(entry));
    if (entry.users.size > 0) return;
    this.#open.delete(key);
    entry.bus.close();
  }
}

/** The smallest number that a source names: it knows of something on this connection that bears no more. */
function inFlightOf({ users }: OpenBus): number {
  const named = [...users.values()].filter((inFlight) => inFlight !== undefined);
  return named.length === 0 ? 1 : Math.min(...named);
}
