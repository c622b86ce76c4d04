import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Courier, longestWaitMs, mostWaiting } from "../../../collector/notify/courier.ts";
import { createGraveyard } from "../../../collector/notify/dead-letters.ts";
import { Outbox } from "../../../collector/notify/outbox.ts";
import { silentLog } from "../../../core/log.ts";
import { type Notification, type Notifier, NotifyError } from "../../../core/notifier.ts";
import { notification } from "../../adapters/notifiers/samples.ts";
import { FakeClock } from "../../fake-clock.ts";
import { until } from "../../peers/process.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "millwright-dead-"));
  return () => rmSync(dir, { recursive: true, force: true });
});

function courierOf(send: Notifier["send"]) {
  const clock = new FakeClock();
  const outbox = new Outbox(new Map());
  const notifier: Notifier = { send, close: () => Promise.resolve() };
  const graveyard = createGraveyard({ dir, log: silentLog });
  const options = { channel: "duty", open: () => Promise.resolve(notifier), outbox, graveyard, clock, log: silentLog, random: () => 0.5 };
  const courier = new Courier(options);
  const put = (id: string): void => {
    const written: Notification = notification(undefined, { id });
    outbox.put("duty", { ...written, time: clock.now() });
    courier.release(outbox.last);
  };
  return { clock, outbox, courier, put };
}

interface Kept {
  readonly given_up_at: number;
  readonly channel: string;
  readonly reason: string;
  readonly notification: Notification;
}

/** What is in the channel's file, once there are so many. */
async function kept(lines: number): Promise<readonly Kept[]> {
  const read = (): Kept[] => {
    const text = readFileSync(join(dir, "notify-duty.ndjson"), { encoding: "utf8", flag: "a+" });
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Kept]));
  };
  await until(`${lines} dead letters`, 10_000, () => read().length >= lines);
  return read();
}

describe("a channel that hangs", () => {
  it("for hours holds no more than so many messages, in memory and as facts; the oldest are given up and kept", async () => {
    const { clock, outbox, courier, put } = courierOf(() => new Promise(() => {}));
    const facts = new Map<string, string>();
    const many = mostWaiting + 40;
    for (let i = 0; i < many; i++) {
      put(`m${i}`);
      await clock.advance(20_000);
      courier.trim(clock.now());
      for (const [key, text] of outbox.dirtyFacts()) facts.set(key, text);
    }
    expect(courier.counts()).toMatchObject({ sent: 0, dropped: 40, waiting: mostWaiting });
    expect(facts.size).toBeLessThanOrEqual(mostWaiting + 1);
    expect(outbox.first("duty")).toMatchObject({ notification: { id: "m40" } });
    expect((await kept(40)).map(({ notification: { id } }) => id)).toEqual(Array.from({ length: 40 }, (_, i) => `m${i}`));
    await courier.stop();
  });

  it("for longer than a week is told nothing of before", async () => {
    const { clock, courier, put } = courierOf(() => Promise.reject(new NotifyError("retry", "down")));
    put("old");
    await clock.advance(longestWaitMs - 1000);
    put("new");
    courier.trim(clock.now());
    expect(courier.counts()).toMatchObject({ dropped: 0, waiting: 2 });
    await clock.advance(2000);
    courier.trim(clock.now());
    expect(courier.counts()).toMatchObject({ dropped: 1, waiting: 1 });
    expect(await kept(1)).toMatchObject([{ given_up_at: clock.now(), channel: "duty", notification: { id: "old" } }]);
    await courier.stop();
  });
});

it("a message that is refused for good is kept with what the channel said", async () => {
  const { clock, courier, put } = courierOf(() => Promise.reject(new NotifyError("rejected", "422: no such room")));
  put("a");
  await clock.advance(1000);
  expect(courier.counts()).toMatchObject({ rejected: 1, waiting: 0 });
  expect(await kept(1)).toMatchObject([{ reason: "422: no such room", notification: { id: "a" } }]);
  await courier.stop();
});
