import { randomUUID } from "node:crypto";
import { refreshMsOf } from "../../adapters/notifiers/list.ts";
import type { Config } from "../../config/schema.ts";
import type { ChannelView } from "../../core/channel-view.ts";
import type { Clock } from "../../core/clock.ts";
import type { IncidentDetail, IncidentView } from "../../core/incident-view.ts";
import type { Log } from "../../core/log.ts";
import { type Facts, gatherFacts } from "../fact.ts";
import { IncidentBook, type IncidentQuery } from "../incidents/book.ts";
import type { Burning } from "../incidents/burning.ts";
import { IncidentWatch, type WatchedEvent } from "../incidents/watch.ts";
import type { Plant } from "../plant.ts";
import { channelView } from "./channel-view.ts";
import { Channels } from "./channels.ts";
import type { ChannelCounts } from "./courier.ts";
import { createGraveyard, type DeadLetter, type Graveyard } from "./dead-letters.ts";
import { Desk, type DeskRules } from "./desk.ts";
import { writeNotification } from "./message.ts";
import { Outbox } from "./outbox.ts";
import { compileRoutes, type NotifySettings } from "./routes.ts";
import { Tellings } from "./tellings.ts";

export type DutySettings = NotifySettings & Pick<Config, "brokers">;

export interface DutyOptions {
  /** Facts of the last run. */
  readonly facts: ReadonlyMap<string, string>;
  /** Folder for messages that are given up. */
  readonly deadLetters: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What others see of incidents, and the one thing they may do about them. */
export interface IncidentDesk {
  incidents(query: IncidentQuery): readonly IncidentView[];
  incident(id: string): IncidentDetail | undefined;
  /** Undefined for an id that nobody has, or one that is over. */
  acknowledge(id: string, ack: { by: string; comment: string }): IncidentView | undefined;
  channels(): readonly ChannelCounts[];
  /** The same with what became of messages last, and those that nobody will take any more. */
  channelViews(): Promise<readonly ChannelView[]>;
  /** Puts dead letters of a channel (one of them, by its id) into the outbox again; how many, or undefined where config has no such channel. */
  retry(channel: string, id?: string): Promise<number | undefined>;
}

/**
 * Watches the plant's services for incidents and tells people: each once, an update where it gets worse, a resolve for whatever
 * was told. States and messages are facts of the same commit, and a message leaves after it: a kill neither loses nor doubles
 * an incident, and repeats at most the message under way, with the same id.
 */
export class Duty implements IncidentDesk {
  readonly #clock: Clock;
  readonly #book: IncidentBook;
  readonly #watch: IncidentWatch;
  readonly #outbox: Outbox;
  readonly #tellings: Tellings;
  readonly #desk: Desk;
  readonly #graveyard: Graveyard;
  readonly #channels: Channels;
  /** Incidents that are not as they were, by id, until they are taken. */
  #changed = new Map<string, IncidentView>();
  #plant: Pick<Plant, "settled"> | undefined;
  #url = "";
  #nameOf = (asset: string): string => asset;

  constructor({ facts, deadLetters, clock, log }: DutyOptions) {
    this.#clock = clock;
    this.#book = new IncidentBook(facts);
    this.#watch = new IncidentWatch(this.#book);
    this.#outbox = new Outbox(facts);
    this.#tellings = new Tellings((id) => this.#book.slotOf(id), facts);
    this.#desk = new Desk(this.#book, noRules, facts);
    this.#graveyard = createGraveyard({ dir: deadLetters, log });
    this.#channels = new Channels({ outbox: this.#outbox, graveyard: this.#graveyard, clock, log });
    // What was stored by the run before may go.
    this.#channels.release(this.#outbox.last);
  }

  /** A plant begins, or was made anew with a new config. */
  begin(config: DutySettings, plant: Pick<Plant, "services" | "assetLevels" | "settled">): void {
    this.#plant = plant;
    this.#url = config.notify.url ?? "";
    this.#desk.renew(rulesOf(config));
    this.#channels.renew(config);
    this.#nameOf = (asset) => config.assets[asset]?.name ?? asset;
    this.#watch.begin({ services: plant.services(), assets: plant.assetLevels(this.#clock.now()), nameOf: this.#nameOf });
  }

  /** What the plant has just told; the next `tick` makes something of it. */
  take(events: readonly WatchedEvent[]): void {
    this.#watch.take(events);
  }

  /** The services of which burn-rate alarms fire now. */
  burning(services: readonly Burning[]): void {
    this.#watch.burning(services);
  }

  /** Lets time pass; called about once a second. Nothing happens until the plant's first full pass. */
  tick(): void {
    const now = this.#clock.now();
    if (this.#plant?.settled(now) !== true) return;
    for (const { view } of this.#watch.step(now)) this.#changed.set(view.id, view);
    for (const { channel, news } of this.#desk.tick(now)) {
      if (!this.#channels.has(channel)) continue;
      this.#outbox.put(channel, writeNotification({ id: randomUUID(), time: now, news, url: this.#url, nameOf: this.#nameOf }));
      for (const { kind, incident } of news) this.#tellings.add(incident.id, { channel, kind, time: now });
    }
    this.#channels.trim(now);
  }

  /** Incidents that are not as they were at the last call. */
  takeChanged(): readonly IncidentView[] {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    return changed;
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): Facts {
    const parts = [this.#book, this.#desk, this.#outbox, this.#tellings];
    return gatherFacts(...parts.map((part) => part.dirtyFacts()));
  }

  /**
   * Calls `store` and then lets go what was written before. A store that fails does not silence anybody: then a kill may
   * repeat more than one message.
   */
  async sendAfter(store: () => Promise<void>): Promise<void> {
    const { last } = this.#outbox;
    try {
      await store();
    } finally {
      this.#channels.release(last);
    }
  }

  /** Messages under way are given up; they are in the outbox. */
  stop(): Promise<void> {
    return this.#channels.stop();
  }

  incidents(query: IncidentQuery): readonly IncidentView[] {
    return this.#book.query(query);
  }

  incident(id: string): IncidentDetail | undefined {
    const found = this.#book.find(id);
    if (found === undefined) return undefined;
    const told = this.#tellings.of(id).map((one) => ({ ...one, waiting: this.#outbox.holds(one.channel, id, one.time) }));
    return { ...found.view, told };
  }

  acknowledge(id: string, ack: { by: string; comment: string }): IncidentView | undefined {
    const view = this.#book.acknowledge(id, ack, this.#clock.now());
    if (view !== undefined) this.#changed.set(id, view);
    return view;
  }

  channels(): readonly ChannelCounts[] {
    return this.#channels.counts();
  }

  channelViews(): Promise<readonly ChannelView[]> {
    return Promise.all(this.#channels.states().map(async (state) => channelView(state, await this.#graveyard.list(state.channel))));
  }

  async retry(channel: string, id?: string): Promise<number | undefined> {
    if (!this.#channels.has(channel)) return undefined;
    const now = this.#clock.now();
    const take = (letters: readonly DeadLetter[]): void => {
      // Written anew as far as its age goes, else it would be given up for that at once. The id stays.
      for (const { notification } of letters) this.#outbox.put(channel, { ...notification, time: now });
    };
    return this.#graveyard.retry({ channel, id, now, take });
  }
}

const noRules: DeskRules = { routes: [], refreshMs: () => undefined };

function rulesOf(config: NotifySettings): DeskRules {
  const { channels } = config.notify;
  const refreshMs = (channel: string): number | undefined => {
    const found = channels[channel];
    return found === undefined ? undefined : refreshMsOf(found);
  };
  return { routes: compileRoutes(config), refreshMs };
}
