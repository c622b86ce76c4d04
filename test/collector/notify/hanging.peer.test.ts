import { createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Channels } from "../../../collector/notify/channels.ts";
import { deadlineMs } from "../../../collector/notify/courier.ts";
import { Outbox } from "../../../collector/notify/outbox.ts";
import { silentLog } from "../../../core/log.ts";
import { type Receiver, startReceiver } from "../../adapters/notifiers/receiver.ts";
import { notification } from "../../adapters/notifiers/samples.ts";
import { FakeClock } from "../../fake-clock.ts";
import { until } from "../../peers/process.ts";
import { configOf } from "../stage.ts";
import { noGraveyard } from "./no-graveyard.ts";

/** A server of any protocol that takes connections, and never says a word. */
interface Mute {
  readonly port: number;
  /** Connections so far. */
  tried(): number;
  close(): Promise<void>;
}

function startMute(): Promise<Mute> {
  const sockets = new Set<Socket>();
  let tried = 0;
  const server = createServer((socket) => {
    tried++;
    sockets.add(socket);
    socket.on("error", () => {}).resume();
  });
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({ port: typeof address === "object" && address !== null ? address.port : 0, tried: () => tried, close });
    });
  });
}

let receiver: Receiver;
let mute: Mute;
beforeEach(async () => {
  [receiver, mute] = await Promise.all([startReceiver(), startMute()]);
});
afterEach(() => Promise.all([receiver.close(), mute.close()]));

const mail = { tls: "none", from: "mw@plant.example", to: ["eva@plant.example"] };

it.each<{ kind: string; channel: (port: number) => object }>([
  { kind: "webhook", channel: (port) => ({ webhook: { url: `http://127.0.0.1:${port}/hook` } }) },
  { kind: "alertmanager", channel: (port) => ({ alertmanager: { url: `http://127.0.0.1:${port}` } }) },
  { kind: "e-mail", channel: (port) => ({ email: { host: "127.0.0.1", port, ...mail } }) },
  { kind: "e-mail over TLS", channel: (port) => ({ email: { host: "127.0.0.1", port, ...mail, tls: "tls" } }) },
  { kind: "mqtt", channel: () => ({ mqtt: { broker: "mute", topic: "plant/incidents" } }) },
])("$kind: a server that hangs is given up by name and tried again, nothing is lost, and other channels do not wait for it", async ({
  channel,
}) => {
  const clock = new FakeClock();
  const outbox = new Outbox(new Map());
  const channels = new Channels({ outbox, graveyard: noGraveyard, clock, log: silentLog });
  const good = { webhook: { url: receiver.url } };
  channels.renew(
    configOf({
      brokers: { mute: { url: `mqtt://127.0.0.1:${mute.port}` } },
      notify: { channels: { hung: channel(mute.port), good } },
    }),
  );
  const hung = () => channels.states().find((one) => one.channel === "hung");
  try {
    outbox.put("hung", notification(undefined, { id: "a" }));
    for (const id of ["b", "c"]) outbox.put("good", notification(undefined, { id }));
    channels.release(outbox.last);
    await until("the first try", 10_000, () => mute.tried() === 1);
    await until("the others", 10_000, () => receiver.received.length === 2);
    expect(hung()).toMatchObject({ failed: 0, waiting: 1 });
    await clock.advance(deadlineMs);
    expect(hung()).toMatchObject({ failed: 1, sent: 0, waiting: 1, lastError: { reason: "channel hung: no answer within 15 s" } });
    await clock.advance(5000);
    await until("the second try", 10_000, () => mute.tried() === 2);
    outbox.put("good", notification(undefined, { id: "d" }));
    channels.release(outbox.last);
    await until("the next for the others", 10_000, () => receiver.received.length === 3);
    expect(outbox.first("hung")).toMatchObject({ notification: { id: "a" } });
  } finally {
    await channels.stop();
  }
});
