import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ControlRoom } from "../../../collector/control-room.ts";
import { ColumnBuilder } from "../../../core/columns.ts";
import { silentLog } from "../../../core/log.ts";
import type { Notification } from "../../../core/notifier.ts";
import { Q } from "../../../core/quality.ts";
import type { IndexedSeries, Store } from "../../../core/store.ts";
import { type Receiver, startReceiver } from "../../adapters/notifiers/receiver.ts";
import { FakeClock } from "../../fake-clock.ts";
import { until } from "../../peers/process.ts";
import { configOf } from "../stage.ts";

let dir: string;
let receiver: Receiver;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "millwright-burn-"));
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  rmSync(dir, { recursive: true, force: true });
});

const stepMs = 10_000;
const oven: IndexedSeries = {
  ...{ asset: "oven", metric: "temperature_celsius", labels: {}, unit: "Cel", kind: "gauge", origin: "", everyMs: stepMs },
  ...{ index: 0, agent: "hall" },
};

/** A line with an SLO behind its oven, in a collector with files and a webhook, but without store and sockets. */
class Line {
  readonly #clock = new FakeClock();
  readonly #facts = new Map<string, string>();
  #room = this.#open();
  #seq = 0;

  #open(): ControlRoom {
    const config = configOf({
      assets: { oven: {} },
      alarms: { cold: { asset: "oven", metric: oven.metric, critical: { below: 100 } } },
      services: { line: { name: "Line", owner: "ops", needs: ["asset oven"], slo: { target: "99.9%", window: "30d" } } },
      notify: { routes: [{ level: "warning", group: "0s", to: ["duty"] }], channels: { duty: { webhook: { url: receiver.url } } } },
    });
    const state = { series: [oven], aliases: [], marks: [], latest: new ColumnBuilder(0).view(), facts: this.#facts, end: 0 };
    return new ControlRoom({ config, store: {} as Store, state, dir, clock: this.#clock, log: silentLog });
  }

  /** Lets minutes pass with the oven at this temperature. */
  async pass(minutes: number, celsius: number): Promise<void> {
    for (let ms = 0; ms < minutes * 60_000; ms += stepMs) {
      await this.#clock.advance(stepMs);
      const readings = new ColumnBuilder(1);
      readings.put(0, this.#clock.now(), celsius, Q.Good);
      const batch = { agent: "hall", epoch: "e", seq: ++this.#seq, preamble: {}, readings: readings.view(), refused: 0 };
      await this.#room.stored({ series: [], batches: [batch] });
      // The collector looks each second; here it is enough that each rule is looked at within a minute.
      for (let i = 0; i < 10; i++) this.#room.tick();
      await this.#room.duty.sendAfter(() => this.#store());
      await until("the message is taken", 5000, () => this.#room.duty.channels().every(({ waiting }) => waiting === 0));
    }
  }

  #store(): Promise<void> {
    for (const [key, text] of this.#room.dirtyFacts()) this.#facts.set(key, text);
    return Promise.resolve();
  }

  async restart(downMs: number): Promise<void> {
    await this.stop();
    this.#clock.step(downMs);
    this.#room = this.#open();
  }

  async stop(): Promise<void> {
    await this.#room.duty.stop();
    await this.#store();
    await this.#room.levels.close();
  }
}

/** What the webhook heard: kind and level, without what is the same as the line before. */
function told(): readonly string[] {
  const news = receiver.received.flatMap(({ body }) => (JSON.parse(body) as Notification).news);
  const ids = [...new Set(news.map(({ incident }) => incident.id))];
  return news.map(({ kind, incident }) => `${ids.indexOf(incident.id)} ${kind} ${incident.title}`);
}

it("a budget that burns is one incident to a webhook: opened once, resolved once, with a restart of the collector in between", async () => {
  const line = new Line();
  await line.pass(60, 180);
  for (let outage = 0; outage < 4; outage++) {
    await line.pass(1, 20);
    await line.pass(3, 180);
  }
  const before = told();
  expect(before.filter((text) => / opened /.test(text))).toEqual(["0 opened Line is critical", "1 opened Line is critical"]);
  expect(before.at(-1)).toBe("1 updated Line: the error budget burns (critical)");
  await line.restart(20_000);
  await line.pass(10, 180);
  // It burns on, and that is no news.
  expect(told()).toEqual(before);
  await line.pass(3 * 60, 180);
  expect(told().slice(before.length)).toEqual(["1 resolved Line is ok again"]);
  expect(told().filter((text) => / resolved /.test(text))).toEqual(["0 resolved Line is ok again", "1 resolved Line is ok again"]);
  await line.stop();
}, 60_000);
