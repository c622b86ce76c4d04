import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { registerNotify } from "../../cli/notify.ts";
import { run } from "../../cli/program.ts";
import { Duty } from "../../collector/notify/duty.ts";
import type { ChannelView } from "../../core/channel-view.ts";
import { silentLog } from "../../core/log.ts";
import type { Notification } from "../../core/notifier.ts";
import { type Receiver, startReceiver } from "../adapters/notifiers/receiver.ts";
import { serve, type TestServer } from "../collector/http/server.ts";
import { configOf } from "../collector/stage.ts";
import { FakeClock } from "../fake-clock.ts";
import { until } from "../peers/process.ts";
import { capturedIo } from "./captured-io.ts";

let dir: string;
let receiver: Receiver;
let duty: Duty;
let server: TestServer;
const clock = new FakeClock();

const openDuty = (): Duty => new Duty({ facts: new Map(), deadLetters: dir, clock, log: silentLog });

/** A collector whose one incident is told to a webhook. */
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "millwright-channels-"));
  receiver = await startReceiver();
  duty = openDuty();
  server = await serve({ duty });
});
afterEach(async () => {
  await duty.stop();
  await Promise.all([receiver.close(), server.close()]);
  rmSync(dir, { recursive: true, force: true });
});

async function tell(): Promise<void> {
  const routes = [{ level: "warning", group: "0s", to: ["duty"] }];
  const config = configOf({ notify: { routes, channels: { duty: { webhook: { url: receiver.url } } } } });
  const { plant } = server.view;
  duty.begin(config, { services: () => plant.services, assetLevels: () => plant.assets, settled: () => true });
  duty.tick();
  await duty.sendAfter(() => Promise.resolve());
}

async function notify(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo({ TOKEN: "x" });
  const code = await run(["notify", ...args, "--url", server.url], io, { notify: async () => registerNotify });
  return { code, out: io.out(), err: io.err() };
}

const status = async (): Promise<ChannelView | undefined> => {
  const { out } = await notify("status", "--format", "json");
  return (JSON.parse(out) as ChannelView[])[0];
};

it("what a channel refused is listed with its incident and the reason, and sent again when an operator says so", async () => {
  receiver.answer = 400;
  await tell();
  await until("the refusal", 5000, () => duty.channels().some(({ rejected }) => rejected === 1));
  const refused = await status();
  const incidents = duty
    .incidents({})
    .map(({ id }) => id)
    .sort();
  expect(refused).toMatchObject({
    ...{ id: "duty", waiting: 0, oldest: null, sent: 0, failed: 1, rejected: 1, last_success: null },
    last_error: { time: clock.now(), reason: `${receiver.url}: answers 400 "answered"` },
    dead_letters: [{ given_up_at: clock.now(), reason: `${receiver.url}: answers 400 "answered"`, incidents }],
  });
  const table = await notify("status");
  expect(table.code).toBe(1);
  expect(table.out).toMatch(/^channel +waiting +oldest +sent/);
  expect(table.out).toContain(`${refused?.dead_letters[0]?.id}  ${incidents.join(" ")}`);

  receiver.answer = 200;
  expect(await notify("retry", "duty", "nothing")).toMatchObject({ code: 2, err: expect.stringContaining("has given up no message") });
  expect((await notify("retry", "duty", refused?.dead_letters[0]?.id ?? "")).out).toBe("channel duty: 1 message is sent again\n");
  await duty.sendAfter(() => Promise.resolve());
  await until("the message", 5000, () => duty.channels().some(({ sent }) => sent === 1));
  const ids = receiver.received.map(({ body }) => (JSON.parse(body) as Notification).id);
  expect(ids).toEqual([ids[0], ids[0]]);
  expect(await status()).toMatchObject({ waiting: 0, sent: 1, last_success: clock.now(), dead_letters: [] });
  expect((await notify("status")).code).toBe(0);
  // What was sent again stays so over a restart.
  const again = openDuty();
  again.begin(configOf({ notify: { channels: { duty: { webhook: { url: receiver.url } } } } }), {
    services: () => [],
    assetLevels: () => [],
    settled: () => true,
  });
  expect(await again.retry("duty")).toBe(0);
  await again.stop();
});

it("a channel that does not answer says so, and since when messages wait", async () => {
  receiver.answer = 503;
  await tell();
  await until("the failure", 5000, () => duty.channels().some(({ failed }) => failed === 1));
  expect(await status()).toMatchObject({ waiting: 1, oldest: clock.now(), last_error: { reason: expect.stringContaining("answers 503") } });
  expect((await notify("status")).code).toBe(1);
});

it("nobody is asked for a channel that there is not", async () => {
  await tell();
  expect(await notify("retry", "nobody")).toMatchObject({ code: 2, err: expect.stringContaining('there is no channel "nobody"') });
  expect((await notify("status", "--token", "secret")).code).toBe(2);
  expect((await notify("retry", "duty", "--token", "env:NOBODY_HAS_THIS")).code).toBe(2);
});
