import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type RunningCollector, startCollector } from "../../collector/collector.ts";
import { loadConfig } from "../../config/load.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { freePort } from "../peers/port.ts";

/** `npm run soak` asks for the long form: how many times longer than in `npm test`. */
export const longer = process.env["KILLS"] === undefined ? 1 : 20;

/** A real collector with a store on disk, which a test starts and stops as it likes. */
export class CollectorSite {
  readonly folder: string;
  readonly store: string;
  readonly port: number;
  #running: RunningCollector | undefined;
  readonly #config: string;

  private constructor(folder: string, port: number, more: string) {
    this.folder = folder;
    this.port = port;
    this.store = join(folder, "store");
    this.#config = join(folder, "site.yaml");
    writeFileSync(
      this.#config,
      `collector: { listen: "127.0.0.1:${port}", store: { duckdb: { dir: ./store, retain: 30d } } }\nassets: { mint: {} }\n${more}`,
    );
  }

  /** `more` is YAML beside the collector's own section. */
  static async create(more = ""): Promise<CollectorSite> {
    const folder = mkdtempSync(join(tmpdir(), "millwright-faults-"));
    mkdirSync(join(folder, "store"));
    const site = new CollectorSite(folder, await freePort(), more);
    onTestFinished(async () => {
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    return site;
  }

  async start(): Promise<RunningCollector> {
    this.#running ??= await startCollector({
      config: loadConfig(this.#config),
      log: silentLog,
      clock: systemClock(),
      webRoot: this.folder,
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
  }
}
