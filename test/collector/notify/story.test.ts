import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Duty } from "../../../collector/notify/duty.ts";
import { silentLog } from "../../../core/log.ts";
import type { Notification } from "../../../core/notifier.ts";
import { type Receiver, startReceiver } from "../../adapters/notifiers/receiver.ts";
import { FakeClock } from "../../fake-clock.ts";
import { until } from "../../peers/process.ts";
import { air, bottlingHall, hallAssets, Stage } from "../stage.ts";

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

/** The bottling hall with its duty: everything as in a collector but store and sockets. */
class Hall {
  readonly config: object;
  readonly clock: FakeClock;
  stage: Stage;
  duty: Duty;

  constructor(more: object = {}) {
    const notify = { routes: [{ level: "warning", group: "0s", to: ["duty"] }], channels: { duty: { webhook: { url: receiver.url } } } };
    this.config = { ...bottlingHall, notify, ...more };
    this.stage = new Stage(this.config);
    this.clock = new FakeClock(this.stage.now);
    this.duty = this.#begin();
  }

  #begin(): Duty {
    const duty = new Duty({
      facts: this.stage.facts,
      deadLetters: join(tmpdir(), "millwright-no-dead-letters"),
      clock: this.clock,
      log: silentLog,
    });
    duty.begin(this.stage.config, this.stage.plant);
    return duty;
  }

  /** Lets seconds pass; these assets deliver, and the duty looks each second. */
  async pass(seconds: number, alive: readonly string[] = hallAssets): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      if (alive.includes("compressor")) air(this.stage, 7e5);
      this.duty.take(this.stage.pass(1, alive));
      await this.clock.advance(1000);
      this.duty.tick();
      await this.duty.sendAfter(() => {
        for (const [key, text] of this.duty.dirtyFacts()) this.stage.facts.set(key, text);
        return Promise.resolve();
      });
      await this.#posted();
    }
  }

  /** Fake seconds are shorter than a request takes. */
  async #posted(): Promise<void> {
    const waits = (): boolean => this.duty.channels().some(({ channel, waiting }) => channel === "duty" && waiting > 0);
    if (receiver.answer === 200) await until("the message is taken", 3000, () => !waits());
    else if (waits()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** The collector is away for so long. */
  async restart(downMs: number): Promise<void> {
    await this.duty.stop();
    this.stage = this.stage.restart(this.config, downMs);
    this.clock.step(downMs);
    this.duty = this.#begin();
  }
}

/** What has reached the receiver: kind, causes, services. */
function told(): readonly string[] {
  return receiver.received.flatMap(({ body }) =>
    (JSON.parse(body) as Notification).news.map(
      ({ kind, incident }) =>
        `${kind} ${incident.causes.join("+")}: ${incident.services.map(({ id, level }) => `${id} ${level}`).join(", ")}`,
    ),
  );
}
const without = (...gone: readonly string[]) => hallAssets.filter((id) => !gone.includes(id));
const told3 = (n: number) => until(`${n} messages`, 3000, () => told().length >= n);

describe("who is told what", () => {
  it("a server dies: one incident for the MES and the line above it, and one resolve", async () => {
    const hall = new Hall();
    await hall.pass(10);
    await hall.pass(200, without("mes-server"));
    await told3(1);
    await hall.pass(5);
    await told3(2);
    expect(told()).toEqual([
      "opened mes-server: bottling-line-3 critical, mes critical",
      "resolved mes-server: bottling-line-3 ok, mes ok",
    ]);
    const [first] = receiver.received.map(({ body }) => JSON.parse(body) as Notification);
    expect(first?.title).toBe("CRITICAL: Bottling line 3 and MES are critical");
    expect(first?.text).toContain("MES server has given no data");
    expect(first?.text).toContain("Caused by: MES server (mes-server)");
    const [incident] = hall.duty.incidents({});
    expect(incident?.history.map(({ text }) => text)).toEqual([
      "Bottling line 3 and MES are critical, caused by MES server",
      "Bottling line 3 and MES are ok again",
    ]);
    await hall.duty.stop();
  });

  it("two faults: the second in the red line is an update", async () => {
    const hall = new Hall();
    await hall.pass(10);
    await hall.pass(80, without("filler-31"));
    await hall.pass(80, without("filler-31", "filler-32"));
    await hall.pass(5);
    await told3(3);
    expect(told()).toEqual([
      "opened filler-31: bottling-line-3 warning",
      "updated filler-31+filler-32: bottling-line-3 critical",
      "resolved filler-31+filler-32: bottling-line-3 ok",
    ]);
    const [incident] = hall.duty.incidents({});
    const kept = hall.duty.incident(incident?.id ?? "")?.told ?? [];
    expect(kept.map(({ channel, kind, waiting }) => [channel, kind, waiting])).toEqual([
      ["duty", "opened", false],
      ["duty", "updated", false],
      ["duty", "resolved", false],
    ]);
    expect(kept.map(({ time }) => time)).toEqual(receiver.received.map(({ body }) => (JSON.parse(body) as Notification).time));
    await hall.duty.stop();
  });

  it("during maintenance nobody is told; at its end what is still bad is", async () => {
    const start = new Stage(bottlingHall).now;
    const local = (ms: number) => new Date(start + ms).toISOString().slice(0, 19);
    const hall = new Hall({ maintenance: [{ asset: "mes-server", from: local(0), to: local(300_000), why: "disks" }] });
    await hall.pass(10);
    await hall.pass(280, without("mes-server"));
    expect(hall.duty.incidents({})).toMatchObject([{ planned: true, causes: ["mes-server"], state: "open" }]);
    expect(told()).toEqual([]);
    await hall.pass(15, without("mes-server"));
    await told3(1);
    await hall.pass(5);
    await told3(2);
    expect(told().map((line) => line.split(":")[0])).toEqual(["opened mes-server", "resolved mes-server"]);
    await hall.duty.stop();
  });

  it("a restart neither tells again nor forgets a resolve; what happened meanwhile is told after the first full pass", async () => {
    const hall = new Hall({ services: { ...bottlingHall.services, air: { name: "Air", needs: ["asset compressor"] } } });
    await hall.pass(10);
    await hall.pass(200, without("mes-server"));
    await told3(1);
    await hall.restart(3_600_000);
    await hall.pass(200, without("mes-server"));
    expect(told()).toHaveLength(1);
    await hall.restart(3_600_000);
    await hall.pass(200, without("compressor"));
    await told3(3);
    expect(
      told()
        .map((line) => line.split(":")[0])
        .sort(),
    ).toEqual(["opened compressor", "opened mes-server", "resolved mes-server"]);
    await hall.duty.stop();
  });

  it("what nobody took before a restart is told after it, with the same id", async () => {
    const hall = new Hall();
    await hall.pass(10);
    receiver.answer = 503;
    await hall.pass(200, without("mes-server"));
    await told3(1);
    await hall.restart(1000);
    receiver.answer = 200;
    const before = receiver.received.length;
    await hall.pass(3, without("mes-server"));
    await told3(before + 1);
    expect(new Set(receiver.received.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    await until("it is crossed out", 3000, () => hall.duty.channels()[0]?.waiting === 0);
    await hall.pass(10, without("mes-server"));
    expect(receiver.received).toHaveLength(before + 1);
    await hall.duty.stop();
  });

  it("a channel that hangs holds back nobody", async () => {
    const channels = { duty: { webhook: { url: receiver.url } }, hung: { webhook: { url: `${receiver.url}/hung` } } };
    const hung = await startReceiver();
    hung.answer = "silent";
    channels.hung.webhook.url = hung.url;
    const hall = new Hall({ notify: { routes: [{ level: "warning", group: "0s", to: ["hung", "duty"] }], channels } });
    await hall.pass(10);
    await hall.pass(200, without("mes-server"));
    await hall.pass(5);
    await told3(2);
    expect(told()).toHaveLength(2);
    expect(hall.duty.channels().find(({ channel }) => channel === "hung")).toMatchObject({ sent: 0, waiting: 2 });
    await hall.duty.stop();
    await hung.close();
  });

  it("what is unknown for five minutes and could be critical is told as such", async () => {
    const isolated = without("core-sw-1", "filler-31", "filler-32", "filler-33");
    const services = { fillers: { name: "Fillers", needs: ["2 of {type=filler,line=3}"] } };
    const hall = new Hall({ services });
    await hall.pass(10);
    hall.stage.status("core-sw-1", "down", "no answer", "snmp");
    await hall.pass(320, isolated);
    await told3(1);
    expect(hall.duty.incidents({ state: "open" })).toMatchObject([{ blind: true, level: "warning", title: "Fillers is warning" }]);
    await hall.duty.stop();
  });
});
