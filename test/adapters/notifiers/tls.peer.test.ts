import { readFileSync } from "node:fs";
import { connectAsync } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createNotifier } from "../../../adapters/notifiers/list.ts";
import { Courier } from "../../../collector/notify/courier.ts";
import { Outbox } from "../../../collector/notify/outbox.ts";
import { config } from "../../../config/schema.ts";
import { systemClock } from "../../../core/clock.ts";
import { messageOf } from "../../../core/errors.ts";
import type { Notifier } from "../../../core/notifier.ts";
import { noGraveyard } from "../../collector/notify/no-graveyard.ts";
import { FakeClock } from "../../fake-clock.ts";
import { type Certificates, makeCertificates, type ServerCertificate } from "../../peers/certificates.ts";
import { startMosquitto } from "../../peers/mosquitto.ts";
import { until } from "../../peers/process.ts";
import { startSmtp } from "../../peers/smtp.ts";
import { startReceiver } from "./receiver.ts";
import { notification } from "./samples.ts";

let pki: Certificates;
beforeAll(async () => {
  pki = await makeCertificates();
  process.env["TLS_PASSWORD"] = "pass";
});
afterAll(() => pki.remove());

/** A server that takes messages over TLS, and the channel that leads to it. */
interface Taker {
  /** Where it is, as config says it; `ca` goes where the kind of channel has it. */
  channel(ca: string | undefined): Readonly<Record<string, object>>;
  taken(): number;
  close(): Promise<void>;
}

const pemOf = ({ cert, key }: ServerCertificate) => ({ cert: readFileSync(cert), key: readFileSync(key) });

async function mailServer(tls: "starttls" | "tls", shown: ServerCertificate): Promise<Taker> {
  const smtp = await startSmtp({ implicit: tls === "tls" });
  smtp.tls = pemOf(shown);
  const login = { user: "mw", password: "env:TLS_PASSWORD", from: "mw@plant.example", to: ["eva@plant.example"] };
  const secret = Buffer.from("\0mw\0pass").toString("base64");
  return {
    channel: (ca) => ({ email: { host: "127.0.0.1", port: smtp.port, tls, ca, ...login } }),
    taken: () => {
      // Whatever happens, the password is only said within TLS.
      expect(smtp.said.filter((line) => line.includes(secret) && !line.startsWith("tls "))).toEqual([]);
      return smtp.mails.length;
    },
    close: () => smtp.close(),
  };
}

async function httpServer(kind: "webhook" | "alertmanager", shown: ServerCertificate): Promise<Taker> {
  const receiver = await startReceiver(pemOf(shown));
  return {
    channel: (ca) => ({ [kind]: { url: receiver.url, ca, token: "env:TLS_PASSWORD" } }),
    taken: () => receiver.received.length,
    close: () => receiver.close(),
  };
}

async function broker(shown: ServerCertificate): Promise<Taker> {
  const server = await startMosquitto({ tls: shown });
  // Whatever certificate the server shows, this listener believes it.
  const listener = await connectAsync(server.url, { rejectUnauthorized: false, reconnectPeriod: 0 });
  let heard = 0;
  listener.on("message", () => heard++);
  await listener.subscribeAsync("plant/incidents");
  return {
    channel: (ca) => ({ mqtt: { broker: "hall", topic: "plant/incidents" }, broker: { url: server.url, ca } }),
    taken: () => heard,
    close: async () => {
      await listener.endAsync(true);
      await server.stop();
    },
  };
}

function notifierOf({ broker: hall, ...channel }: Readonly<Record<string, object>>): Promise<Notifier> {
  const brokers = hall === undefined ? {} : { hall };
  const parsed = config.parse(JSON.parse(JSON.stringify({ brokers, notify: { channels: { c: channel } } })));
  const found = parsed.notify.channels["c"];
  if (found === undefined) throw new Error("no channel");
  return createNotifier(found, { brokers: parsed.brokers, clock: systemClock() });
}

const kinds: Record<string, (shown: ServerCertificate) => Promise<Taker>> = {
  "e-mail by STARTTLS": (shown) => mailServer("starttls", shown),
  "e-mail by TLS": (shown) => mailServer("tls", shown),
  webhook: (shown) => httpServer("webhook", shown),
  alertmanager: (shown) => httpServer("alertmanager", shown),
  mqtt: broker,
};

describe.each(Object.keys(kinds))("%s", (kind) => {
  let taker: Taker;
  afterEach(() => taker.close());
  const start = async (shown: ServerCertificate): Promise<void> => {
    const begin = kinds[kind];
    if (begin === undefined) throw new Error(kind);
    taker = await begin(shown);
  };
  const reasonWith = async (ca: string | undefined): Promise<string> => {
    const notifier = await notifierOf(taker.channel(ca));
    const error = await notifier.send(notification(), AbortSignal.timeout(10_000)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ verdict: "retry" });
    return messageOf(error);
  };

  it("goes to a server of a private CA where config names that, and to nobody else", async () => {
    await start(pki.good);
    await (await notifierOf(taker.channel(pki.ca))).send(notification(), AbortSignal.timeout(10_000));
    await until("the message", 5000, () => taker.taken() === 1);
    expect(await reasonWith(pki.otherCa)).toMatch(/unable to verify the first certificate|unable to get local issuer certificate/);
    expect(await reasonWith(undefined)).toMatch(/unable to verify the first certificate|unable to get local issuer certificate/);
    expect(await reasonWith(`${pki.ca}.gone`)).toContain("ENOENT");
    expect(taker.taken()).toBe(1);
  });

  it("does not go to a server whose certificate is past its time", async () => {
    await start(pki.expired);
    expect(await reasonWith(pki.ca)).toContain("certificate has expired");
    expect(taker.taken()).toBe(0);
  });

  it("does not go to a server whose certificate is for another host", async () => {
    await start(pki.elsewhere);
    expect(await reasonWith(pki.ca)).toMatch(/does not match certificate's altnames|not in the cert's list/);
    expect(taker.taken()).toBe(0);
  });
});

it("what a wrong certificate kept back is brought from the outbox, in order, once the certificate is right", async () => {
  const smtp = await startSmtp();
  smtp.tls = pemOf(pki.expired);
  const clock = new FakeClock();
  const outbox = new Outbox(new Map());
  const login = { user: "mw", password: "env:TLS_PASSWORD", from: "mw@plant.example", to: ["eva@plant.example"] };
  const open = () => notifierOf({ email: { host: "127.0.0.1", port: smtp.port, ca: pki.ca, ...login } });
  const warned: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (facts: object) => void warned.push(JSON.stringify(facts)),
  };
  const courier = new Courier({ channel: "mail", open, outbox, graveyard: noGraveyard, clock, log, random: () => 0.5 });
  try {
    for (const id of ["first", "second"]) outbox.put("mail", notification(undefined, { id }));
    courier.release(outbox.last);
    await until("the failure", 10_000, () => courier.counts().failed === 1);
    expect(warned.join()).toContain("certificate has expired");
    expect([outbox.waiting("mail"), smtp.mails.length]).toEqual([2, 0]);
    smtp.tls = pemOf(pki.good);
    await clock.advance(2000);
    await until("both mails", 10_000, () => smtp.mails.length === 2);
    expect(smtp.mails.map(({ data }) => /^Message-ID: <(\w+)@/m.exec(data)?.[1])).toEqual(["first", "second"]);
    expect(smtp.said.filter((line) => line.startsWith("AUTH"))).toEqual([]);
    await until("nothing waits", 5000, () => outbox.waiting("mail") === 0);
  } finally {
    await courier.stop();
    await smtp.close();
  }
});
