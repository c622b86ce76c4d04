import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ControlRoom } from "../../collector/control-room.ts";
import type { CollectorEvent } from "../../core/api.ts";
import { ColumnBuilder } from "../../core/columns.ts";
import { silentLog } from "../../core/log.ts";
import type { Notification } from "../../core/notifier.ts";
import { Q } from "../../core/quality.ts";
import type { IndexedSeries, Store } from "../../core/store.ts";
import { type Receiver, startReceiver } from "../adapters/notifiers/receiver.ts";
import { FakeClock } from "../fake-clock.ts";
import { until } from "../peers/process.ts";
import { configOf } from "./stage.ts";

const assets = 100_000;
const perHall = 100;
const halls = assets / perHall;
const everyMs = 30_000;

/** A thousand halls of a hundred machines each, a service on each hall, and everybody told by one webhook. */
function plantWith(url: string): ReturnType<typeof configOf> {
  const machines: Record<string, object> = {};
  for (let i = 0; i < assets; i++) machines[`a${i}`] = { labels: { type: "t", hall: `h${Math.floor(i / perHall)}` } };
  const services = Object.fromEntries(Array.from({ length: halls }, (_, i) => [`hall-${i}`, { needs: [`80% of {hall=h${i}}`] }]));
  return configOf({
    assets: machines,
    services,
    alarms: { hot: { on: { type: "t" }, metric: "temperature_celsius", warning: { above: 60 }, critical: { above: 85 } } },
    notify: { routes: [{ level: "warning", group: "10s", to: ["duty"] }], channels: { duty: { webhook: { url } } } },
  });
}

const series = Array.from({ length: assets }, (_, index): IndexedSeries => {
  const common = { metric: "temperature_celsius", labels: {}, unit: "Cel", kind: "gauge" as const, origin: "", everyMs, agent: "hall" };
  return { ...common, asset: `a${index}`, index };
});

/** A collector without sockets and disk: what it wants kept is kept in a map, as a store does. */
class Room {
  readonly clock: FakeClock;
  readonly heard: CollectorEvent[] = [];
  readonly facts: Map<string, string>;
  readonly #config: ReturnType<typeof configOf>;
  #room: ControlRoom;
  #seq = 0;
  #value = Number.NaN;

  constructor(config: ReturnType<typeof configOf>) {
    this.#config = config;
    this.clock = new FakeClock();
    this.facts = new Map();
    this.#room = this.#open();
  }

  get room(): ControlRoom {
    return this.#room;
  }

  #open(): ControlRoom {
    const state = { series, aliases: [], marks: [], latest: this.#columns(), facts: this.facts, end: 0 };
    const store = {} as Store; // Nobody asks for history.
    const dir = join(tmpdir(), "millwright-flood");
    const room = new ControlRoom({ config: this.#config, store, state, dir, clock: this.clock, log: silentLog });
    room.announcer.subscribe((event) => this.heard.push(event), new Set(["service", "asset", "alarm", "incident", "reset"]));
    return room;
  }

  /** Every machine at this temperature, in one batch; each has its own moment. */
  async all(value: number): Promise<void> {
    this.#value = value;
    const batch = { agent: "hall", epoch: "e", seq: ++this.#seq, preamble: {}, readings: this.#columns(), refused: 0 };
    await this.#room.stored({ series: [], batches: [batch] });
  }

  #columns() {
    const columns = new ColumnBuilder(assets);
    if (!Number.isNaN(this.#value)) for (let i = 0; i < assets; i++) columns.put(i, this.clock.now() - (i % 997), this.#value, Q.Good);
    return columns.view();
  }

  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.clock.advance(1000);
      this.#room.tick();
      await this.#room.duty.sendAfter(() => this.#store());
    }
    await until("the messages are taken", 5000, () => this.#room.duty.channels().every(({ waiting }) => waiting === 0));
  }

  #store(): Promise<void> {
    for (const [key, text] of this.#room.dirtyFacts()) this.facts.set(key, text);
    return Promise.resolve();
  }

  /** Stops as a collector does, what is left is stored, and starts again. */
  async restart(downMs: number): Promise<void> {
    await this.#room.duty.stop();
    await this.#store();
    this.clock.step(downMs);
    this.#room = this.#open();
  }
}

/** Kinds of news that the webhook took, and how many different incidents each is about. */
function toldBy({ received }: Receiver): Record<string, readonly [news: number, incidents: number]> {
  const news = received.flatMap(({ body }) => (JSON.parse(body) as Notification).news);
  const kinds = [...new Set(news.map(({ kind }) => kind))].sort();
  return Object.fromEntries(
    kinds.map((kind) => {
      const ids = news.filter((one) => one.kind === kind).map(({ incident }) => incident.id);
      return [kind, [ids.length, new Set(ids).size]];
    }),
  );
}

it("100,000 alarms at once are raised, told once per hall, kept over a restart, and end with one resolve each", async () => {
  const receiver = await startReceiver();
  const it = new Room(plantWith(receiver.url));
  /** The last alarms of the whole list: how many there are from the 99,999th on, and how they stand. */
  const tail = (all = false) =>
    it.room.plant.alarms(all, { offset: assets - 2, limit: 10 }).map(({ level, state, isa }) => `${level} ${state} ${isa}`);
  try {
    await it.all(20);
    await it.pass(1);
    expect(it.room.plant.alarms()).toEqual([]);
    it.heard.length = 0;

    const judged = it.all(99);
    await new Promise((resolve) => setImmediate(resolve));
    it.room.tick();
    // The loop has its turns meanwhile, and half a batch is told to nobody.
    expect(it.heard).toEqual([]);
    await judged;
    // Whoever listens hears one word, and asks for as much as it shows. The second that passed meanwhile is made up for.
    expect(it.heard.map(({ type }) => type)).toEqual(["reset", ...new Array(halls).fill("incident")]);
    const alarm = "critical active unacknowledged";
    expect(tail()).toEqual([alarm, alarm]);
    expect(it.room.plant.services().filter(({ level }) => level === "critical")).toHaveLength(halls);
    expect(it.room.plant.alarmLoad(it.clock.now())).toMatchObject({ last_10_minutes: assets, flood: true, announced_total: assets });
    await it.pass(12);
    expect(toldBy(receiver)).toEqual({ opened: [halls, halls] });
    expect(receiver.received).toHaveLength(halls / 50);
    expect(it.heard).toHaveLength(1 + halls);

    await it.restart(5000);
    it.heard.length = 0;
    expect(tail()).toEqual([alarm, alarm]);
    await it.all(99);
    await it.pass(12);
    expect(toldBy(receiver)).toEqual({ opened: [halls, halls] });
    expect(it.room.duty.incidents({ state: "open" })).toHaveLength(halls);

    await it.all(20);
    await it.pass(2);
    const ended = "ok normal returned-unacknowledged";
    expect([it.room.plant.alarms(), tail(true)]).toEqual([[], [ended, ended]]);
    expect(toldBy(receiver)).toEqual({ opened: [halls, halls], resolved: [halls, halls] });
    expect(it.room.duty.incidents({ state: "open" })).toEqual([]);
    it.room.checkDrift();
    expect(it.room.drift).toBe(0);
  } finally {
    await it.room.duty.stop();
    await receiver.close();
  }
}, 120_000);
