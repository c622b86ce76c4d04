import type { SnmpHead } from "../../../config/snmp.ts";
import { messageOf, SourceError } from "../../../core/errors.ts";
import { Q, type Quality } from "../../../core/quality.ts";
import type { SourceContext } from "../../../core/source.ts";
import { SeriesBook } from "./book.ts";
import { BulkSize } from "./bulksize.ts";
import { combine, plansInTurns } from "./combination.ts";
import { restarted, type Uptime } from "./counters.ts";
import { numberOf, textOf, type Varbind } from "./decode.ts";
import { detect } from "./detect.ts";
import type { ProfilePlan } from "./plan.ts";
import { isAbsent, type Requests } from "./requests.ts";
import { RowSet } from "./row-set.ts";
import { ScalarReader } from "./scalars.ts";
import { type Round, TableReader } from "./table.ts";
import { type WalkOptions, walkSome } from "./walk.ts";

const sysUpTime = "1.3.6.1.2.1.1.3.0";
const sysObjectId = "1.3.6.1.2.1.1.2.0";

const sysDescr = "1.3.6.1.2.1.1.1.0";

/** How often a device is asked again what it is, and for its inventory, ms. */
const lookAgainMs = 3_600_000;

export interface DeviceOptions {
  /** Whom we ask, for messages. */
  readonly target: string;
  readonly context: SourceContext;
  /** Profiles that are polled whatever the device says it is. */
  readonly named: readonly ProfilePlan[];
  /** Profiles to choose from by what the device is; undefined where the profiles are named. */
  readonly choices: { readonly heads: readonly SnmpHead[]; readonly planOf: (profile: string) => ProfilePlan } | undefined;
}

/** A round ends a little before the runner would end it: what was read by then is kept. */
const shareOfInterval = 0.9;
const mostRoundMs = 55_000;

/** What a round found out, beside the readings that it put. */
interface Tally {
  good: number;
  /** First failure of the round. */
  failure: SourceError | undefined;
  /** Tables in a row that timed out: a device that died in mid-round is not asked for all the others. */
  silent: number;
}

/** A round, once it has come to the tables. */
interface TableRound {
  readonly requests: Requests;
  readonly round: Round;
  readonly tally: Tally;
  /** Monotonic ms. */
  readonly until: number;
}

/** What is known of one device between two rounds, and how a round goes. */
export class Device {
  readonly #options: DeviceOptions;
  readonly #book: SeriesBook;
  readonly #scalars: ScalarReader;
  #used = combine([]);
  #tables: readonly TableReader[] = [];
  #uptime: Uptime | undefined;
  #restarts = 0;
  readonly #size = new BulkSize();
  /** Monotonic ms of the last time it was asked what it is. */
  #lookedAt: number | undefined;
  /** The table that the next round begins with. */
  #next = 0;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.#book = new SeriesBook(options.context);
    this.#scalars = new ScalarReader(options.context, this.#book);
  }

  /** Reads everything once and puts it. Rejects with SourceError where nothing could be read. */
  async round(requests: Requests): Promise<void> {
    const { clock } = this.#options.context;
    const [wall, started] = [clock.now(), clock.monotonic()];
    if (this.#lookedAt === undefined || started - this.#lookedAt > lookAgainMs) await this.#look(requests, started);
    const until = started + Math.min(shareOfInterval * this.#options.context.everyMs, mostRoundMs);
    const tally: Tally = { good: 0, failure: undefined, silent: 0 };
    await this.#readScalars(requests, tally);
    const round: Round = { wallTime: (at) => Math.round(wall + at - started), restarts: this.#restarts, startedAt: started, until };
    await this.#readTables({ requests, round, tally, until });
    if (tally.failure !== undefined && tally.good === 0) throw this.#failed(tally.failure);
  }

  /** Those that the last round had no time for come first. */
  async #readTables(of: TableRound): Promise<void> {
    const { clock } = this.#options.context;
    const { tally } = of;
    const tables = [...this.#tables.slice(this.#next), ...this.#tables.slice(0, this.#next)];
    this.#next = 0;
    for (const table of tables) {
      if (table.rests(of.round.startedAt)) continue;
      const mayAsk = tally.silent <= 1 && clock.monotonic() <= of.until;
      if (!mayAsk) table.fail(Q.BadTimeout, clock.now());
      const whole = mayAsk && (await this.#readTable(table, of));
      if (this.#next === 0 && clock.monotonic() > of.until) this.#resumeAt(table, whole || table === tables[0]);
    }
  }

  /** The round's time ended with this table: the next one begins with it, or after it where it was read or alone takes all the time. */
  #resumeAt(table: TableReader, after: boolean): void {
    const { context, target } = this.#options;
    this.#next = (this.#tables.indexOf(table) + (after ? 1 : 0)) % this.#tables.length;
    context.log.debug({ asset: context.asset, target, table: table.plan.rows }, "the round's time ended before all tables were read");
  }

  #failed(failure: SourceError): SourceError {
    for (const table of this.#tables) table.hasten();
    return failure;
  }

  /** Asks the device what it is: its profiles where they are not named, and its inventory. */
  async #look(requests: Requests, at: number): Promise<void> {
    const { named, choices, target } = this.#options;
    if (choices !== undefined) {
      const [oid, descr] = (await requests.get([sysObjectId, sysDescr])).map((answer) => (isAbsent(answer) ? undefined : textOf(answer)));
      const found = await detect(requests, { sysObjectId: oid, sysDescr: descr }, choices.heads);
      const matching = found.map(({ profile }) => profile);
      const profiles = [...new Set([...named, ...(await plansInTurns(matching, choices.planOf))])];
      if (profiles.length === 0)
        throw new SourceError("config", `${target}: no profile matches this device (sysObjectID ${oid ?? "none"})`);
      this.#use(profiles);
    } else if (this.#used.profiles.length === 0) this.#use(named);
    await this.#readInventory(requests);
    const { clock } = this.#options.context;
    this.#scalars.use(this.#used.scalars, clock.now());
    for (const table of this.#tables) table.lookAgain();
    this.#lookedAt = at;
  }

  #use(profiles: readonly ProfilePlan[]): void {
    const { context } = this.#options;
    const names = profiles.map((plan) => plan.profile);
    if (names.join() !== this.#used.profiles.map((plan) => plan.profile).join())
      context.log.info({ asset: context.asset, target: this.#options.target, profiles: names }, "profiles of the device");
    const known = new Map(this.#tables.map((table) => [table.plan, table]));
    this.#used = combine(profiles);
    this.#tables = this.#used.tables.map((plan) => known.get(plan) ?? new TableReader(plan, context, this.#book));
    const time = context.clock.now();
    for (const table of known.values()) if (!this.#tables.includes(table)) table.end(time);
    this.#book.use(this.#used);
  }

  async #readInventory(requests: Requests): Promise<void> {
    const wanted = this.#used.inventory;
    if (wanted.length === 0) return;
    const answers = await requests.get(wanted.map(({ oid }) => oid));
    const facts: Record<string, string> = {};
    for (const [i, { fact }] of wanted.entries()) {
      const answer = answers[i];
      const text = answer === undefined || isAbsent(answer) ? undefined : textOf(answer);
      if (text !== undefined) facts[fact] = text;
    }
    this.#options.context.sink.inventory(facts);
  }

  async #readScalars(requests: Requests, tally: Tally): Promise<void> {
    const { clock } = this.#options.context;
    try {
      const [uptime, ...answers] = await requests.get([sysUpTime, ...this.#scalars.oids]);
      if (uptime !== undefined) this.#noteUptime(uptime, clock.monotonic());
      tally.good += this.#scalars.apply(answers, clock.now()) + 1;
    } catch (error) {
      // Silence, a wrong key, no way there: the tables would meet the same.
      const failure = this.#asFailure(error);
      if (failure.fault !== "device" && failure.fault !== "malformed") throw this.#failed(failure);
      this.#scalars.fail(failure.quality, clock.now());
      this.#options.context.sink.incomplete(failure.message);
      tally.failure = failure;
    }
  }

  #noteUptime(varbind: Varbind, at: number): void {
    const ticks = numberOf(varbind);
    if (Number.isNaN(ticks)) return;
    const now = { ticks, at };
    if (this.#uptime !== undefined && restarted(this.#uptime, now)) {
      this.#restarts++;
      this.#lookedAt = undefined;
    }
    this.#uptime = now;
  }

  /** True where the whole table was read. */
  async #readTable(table: TableReader, of: TableRound): Promise<boolean> {
    const { context, target } = this.#options;
    const { tally } = of;
    const rows = new RowSet(table.plan.columns.length);
    const options = {
      rows,
      getBulk: of.requests.getBulk,
      monotonic: () => context.clock.monotonic(),
      maxRows: table.plan.maxRows,
      maxBytes: table.plan.maxBytes,
      until: of.until,
      size: this.#size,
      expected: table.rowsSeen,
      hadRows: table.hadRows,
    };
    try {
      const walked = await walkAll(table, options, of.requests);
      for (const fault of walked.faults) {
        const told = fault.startsWith(target) ? fault : `${target}: ${fault}`;
        context.sink.malformed(told);
        context.sink.incomplete(told);
      }
      table.rowsSeen = walked.quality === Q.Good ? rows.size : 0;
      tally.good += await table.apply(rows, walked, of.round);
      tally.silent = 0;
      return walked.quality === Q.Good;
    } catch (error) {
      const failure = this.#asFailure(error);
      table.fail(failure.quality, context.clock.now());
      context.sink.incomplete(failure.message);
      context.log.debug({ asset: context.asset, table: table.plan.rows, reason: failure.message }, "table not read");
      tally.silent = failure.fault === "timeout" ? tally.silent + 1 : 0;
      tally.failure ??= failure;
      return false;
    }
  }

  #asFailure(error: unknown): SourceError {
    if (error instanceof SourceError) return error;
    return new SourceError("malformed", `${this.#options.target}: ${messageOf(error)}`, { cause: error });
  }
}

/** A table's usual columns, what its rows take from elsewhere, and then the columns that they turn out to need. */
async function walkAll(
  { columns, joins, thresholds }: TableReader,
  options: Omit<WalkOptions, "columns">,
  requests: Requests,
): Promise<{ quality: Quality; faults: readonly string[] }> {
  let walked = await walkSome({ columns: columns.wanted(), ...options });
  const others = options.rows.size === 0 && walked.quality === Q.Good ? columns.others() : [];
  if (others.length > 0) {
    walked = await walkSome({ columns: others, ...options });
    if (options.rows.size > 0) columns.ask(others);
  }
  for (;;) {
    await joins.fill(options.rows, columns.asked, requests.get);
    const needed = walked.quality === Q.Good ? columns.alsoNeeded(options.rows) : undefined;
    if (needed === undefined || !needed.any) break;
    if (needed.columns.length > 0) walked = await walkSome({ columns: needed.columns, ...options });
  }
  if (options.rows.size > 0) await thresholds?.read((wanted, rows) => walkSome({ ...options, columns: wanted, rows }));
  return walked;
}
