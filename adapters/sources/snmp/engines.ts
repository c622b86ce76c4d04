import type { Peer } from "./socket.ts";

/** Most engines that are remembered. Their ids arrive unauthenticated: the map must not grow with what somebody sends. */
const maxEngines = 50_000;

/**
 * Which device has which v3 engine id. Two devices with one id (cloned virtual machines, firmware with a fixed id) confuse
 * pollers that keep an engine's clock by its id. Ours is kept by device, so it only needs to be told.
 */
export class Engines {
  readonly #owners = new Map<string, string>();

  /** Notes an engine of a device; the other device that has the same, the first time it is noticed. */
  meet(engine: Buffer, { address, port }: Peer): string | undefined {
    const key = engine.toString("latin1");
    const place = `${address}:${port}`;
    const owner = this.#owners.get(key);
    if (owner === place) return undefined;
    if (this.#owners.size >= maxEngines) this.#owners.clear();
    this.#owners.set(key, owner ?? place);
    return owner;
  }
}
