import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningCollector, startCollector } from "../../../collector/collector.ts";
import { loadConfig } from "../../../config/load.ts";
import type { Config } from "../../../config/schema.ts";
import { silentLog } from "../../../core/log.ts";
import type { Notification } from "../../../core/notifier.ts";
import type { FaultName } from "../../../demo/faults.ts";
import { communityVariable, demoConfig } from "../../../demo/plant.ts";
import { type Receiver, startReceiver } from "../../adapters/notifiers/receiver.ts";
import { FakeClock } from "../../fake-clock.ts";
import { HallAgent } from "./hall-agent.ts";

/** Whom the world's config tells: by owner of the service, and the shift of everything from major on. */
const people = ["production", "utilities", "it", "shift"] as const;
type Person = (typeof people)[number];

const ports = { hallSwitch: 1, dataCentreSwitch: 2, ups: 3, server: 4, fillers: [5, 6, 7], meter: 8, broker: 9 } as const;
/** How often the hall is read. */
const roundMs = 2000;

/**
 * The demo's plant with a collector as it is shipped (HTTP, store, judge, outbox, webhooks) on a clock that the test turns: time goes on
 * when all that it brought is stored, judged and told, so that nothing depends on how fast this machine is.
 */
export class PlantWorld {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 30, 8));
  readonly #agent = new HallAgent();
  readonly #folder = mkdtempSync(join(tmpdir(), "millwright-world-"));
  readonly #receivers: ReadonlyMap<Person, Receiver>;
  #more = "";
  #collector: RunningCollector | undefined;

  private constructor(receivers: ReadonlyMap<Person, Receiver>) {
    process.env[communityVariable] = "demo";
    this.#receivers = receivers;
  }

  static async start(): Promise<PlantWorld> {
    const receivers = new Map<Person, Receiver>();
    for (const person of people) receivers.set(person, await startReceiver());
    const world = new PlantWorld(receivers);
    await world.startCollector();
    await world.until("all is ok", 90, () => world.isWell());
    return world;
  }

  break(...names: readonly FaultName[]): void {
    for (const name of names) this.#agent.broken.add(name);
  }

  mend(...names: readonly FaultName[]): void {
    for (const name of names) this.#agent.broken.delete(name);
  }

  /** Everything is known to be well, and nobody waits for a resolve. */
  isWell(): boolean {
    const view = this.#collector?.view;
    if (view === undefined) return false;
    return view.services().every(({ level }) => level === "ok") && view.duty.incidents({ state: "open" }).length === 0;
  }

  async startCollector(): Promise<void> {
    this.#collector = await startCollector({ config: this.#config(), clock: this.clock, log: silentLog });
  }

  async stopCollector(): Promise<void> {
    const collector = this.#collector;
    this.#collector = undefined;
    await collector?.stop();
  }

  /** The running collector takes over the config with this at its end, as when an engineer edits the file. */
  async reload(more: string): Promise<void> {
    this.#more = more;
    await this.#collector?.reload(this.#config());
  }

  /** Lets plant time pass. */
  async pass(seconds: number): Promise<void> {
    for (let ms = 0; ms < seconds * 1000; ms += roundMs) {
      await this.clock.advance(roundMs);
      this.#agent.read(this.clock.now());
      if (this.#collector === undefined) continue;
      await this.#agent.ship(this.#collector.url, this.clock.now());
      await this.#posted(this.#collector);
    }
  }

  /** Lets plant time pass until something holds; rejects after so many seconds of it. */
  async until(what: string, seconds: number, holds: () => boolean): Promise<void> {
    for (let second = 0; second < seconds && !holds(); second += 2) await this.pass(2);
    if (holds()) return;
    const services = this.#collector?.view.services().map(({ id, level, why }) => `${id} ${level}: ${why}`);
    throw new Error(`waited ${seconds} s of plant time in vain: ${what}\n${services?.join("\n")}`);
  }

  /** What people were told since the last call of `forget`, in order for each: `it: opened ups-1: data-centre-power major`. */
  told(): readonly string[] {
    return [...this.#receivers].flatMap(([person, { received }]) =>
      received.flatMap(({ body }) =>
        (JSON.parse(body) as Notification).news.map(({ kind, incident }) => {
          const services = incident.services.map(({ id, level }) => `${id} ${level}`).join(", ");
          return `${person}: ${kind} ${incident.causes.join("+")}: ${services}`;
        }),
      ),
    );
  }

  forget(): void {
    for (const { received } of this.#receivers.values()) received.length = 0;
  }

  async stop(): Promise<void> {
    await this.stopCollector();
    for (const receiver of this.#receivers.values()) await receiver.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The store and the webhooks work beside the clock. */
  async #posted({ view }: RunningCollector): Promise<void> {
    const end = Date.now() + 10_000;
    while (view.duty.channels().some(({ waiting }) => waiting > 0)) {
      if (Date.now() > end) throw new Error("a webhook was not told within 10 s");
      await sleep(1);
    }
  }

  #config(): Config {
    const path = join(this.#folder, "plant.yaml");
    writeFileSync(path, `${demoConfig({ ports, listen: "127.0.0.1:0" })}${notifySection(this.#receivers)}${this.#more}`);
    return loadConfig(path);
  }
}

function notifySection(receivers: ReadonlyMap<Person, Receiver>): string {
  const routes = people.map((person) =>
    person === "shift"
      ? "    - { level: major, group: 2s, to: [shift] }"
      : `    - { level: warning, services: { owner: ${person} }, group: 2s, to: [${person}] }`,
  );
  const channels = [...receivers].map(([person, { url }]) => `    ${person}: { webhook: { url: "${url}" } }`);
  return `\nnotify:\n  routes:\n${routes.join("\n")}\n  channels:\n${channels.join("\n")}\n`;
}
