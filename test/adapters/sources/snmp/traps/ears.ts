import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTrapReceiver, type TrapReceiver } from "../../../../../adapters/sources/snmp/traps/receiver.ts";
import { type SnmpConfig, snmpConfig } from "../../../../../config/assets.ts";
import { trapPort } from "../../../../../config/traps.ts";
import type { Clock } from "../../../../../core/clock.ts";
import { systemClock } from "../../../../../core/clock.ts";
import { silentLog } from "../../../../../core/log.ts";
import type { RefusedTrap, Trap, TrapListener } from "../../../../../core/trap.ts";

process.env["MILLWRIGHT_LITERAL_SECRETS"] = "allow";

/** Notes what a receiver tells. */
export class Ears implements TrapListener {
  readonly traps: Trap[] = [];
  readonly refusals: RefusedTrap[] = [];
  /** Whether what comes is taken. */
  taking: (trap: Trap) => Promise<boolean> = async () => true;

  take(trap: Trap): Promise<boolean> {
    this.traps.push(trap);
    return this.taking(trap);
  }

  refused(refused: RefusedTrap): void {
    this.refusals.push(refused);
  }

  outcomes(): string[] {
    return this.refusals.map(({ outcome }) => outcome);
  }
}

/** An asset at 127.0.0.1 with these credentials, as config names them. */
export function assetAt(credentials: object, host = "127.0.0.1"): SnmpConfig {
  return snmpConfig.parse({ host, ...credentials });
}

export interface OpenEars {
  readonly ears: Ears;
  readonly receiver: TrapReceiver;
  readonly folder: string;
  close(): Promise<void>;
}

export interface EarOptions {
  readonly assets: Readonly<Record<string, SnmpConfig>>;
  readonly port?: object;
  readonly folder?: string;
  readonly clock?: Clock;
}

/** A receiver on a free port of loopback that hears these assets. */
export async function openEars({ assets, port = {}, folder, clock = systemClock() }: EarOptions): Promise<OpenEars> {
  const dir = folder ?? mkdtempSync(join(tmpdir(), "millwright-traps-"));
  const ears = new Ears();
  const receiver = await openTrapReceiver({
    port: trapPort.parse({ listen: "127.0.0.1:0", ...port }),
    engineFile: join(dir, "engine.json"),
    listener: ears,
    clock,
    log: silentLog,
  });
  await receiver.hear(Object.entries(assets).map(([asset, spec]) => ({ asset, spec })));
  return {
    ears,
    receiver,
    folder: dir,
    async close() {
      await receiver.close();
      if (folder === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}
