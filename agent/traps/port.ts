import { join } from "node:path";
import { openTraps, type TrapReceiver } from "../../adapters/sources/list.ts";
import type { Config } from "../../config/schema.ts";
import type { TrapPortConfig } from "../../config/traps.ts";
import type { TrapCounts } from "../../core/asset-event.ts";
import { messageOf } from "../../core/errors.ts";
import { type DeskOptions, TrapDesk } from "./desk.ts";

export interface TrapPortOptions extends DeskOptions {
  readonly port: TrapPortConfig;
  /** Folder that outlives the process: our engine's id and boots are kept there. */
  readonly dir: string;
}

/** An agent's port for traps, and what they lead to. */
export class TrapPort {
  readonly #options: TrapPortOptions;
  readonly #desk: TrapDesk;
  #receiver: Promise<TrapReceiver | undefined>;

  constructor(options: TrapPortOptions, config: Config, own: readonly string[]) {
    this.#options = options;
    this.#desk = new TrapDesk(options);
    this.#receiver = this.#open(config, own);
  }

  counts(): TrapCounts {
    return this.#desk.counts();
  }

  /** Hears these assets of this config from now on. */
  async hear(config: Config, own: readonly string[]): Promise<void> {
    const assets = own.flatMap((asset) => {
      const spec = config.assets[asset]?.snmp;
      return spec === undefined ? [] : [{ asset, spec }];
    });
    this.#desk.keep(new Set(own));
    await (await this.#receiver)?.hear(assets);
  }

  async close(): Promise<void> {
    await (await this.#receiver)?.close();
    this.#desk.end();
  }

  async #open(config: Config, own: readonly string[]): Promise<TrapReceiver | undefined> {
    const { port, dir, clock, log } = this.#options;
    try {
      const receiver = await openTraps({ port, engineFile: join(dir, "trap-engine.json"), listener: this.#desk, clock, log });
      void this.hear(config, own);
      return receiver;
    } catch (error) {
      log.error({ listen: port.listen, error: messageOf(error) }, "traps are not heard");
      return undefined;
    }
  }
}
