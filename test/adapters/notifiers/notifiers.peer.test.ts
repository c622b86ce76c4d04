import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAlertmanagerNotifier } from "../../../adapters/notifiers/alertmanager/notifier.ts";
import { createEmailNotifier } from "../../../adapters/notifiers/email/notifier.ts";
import { createNotifier } from "../../../adapters/notifiers/list.ts";
import { config } from "../../../config/schema.ts";
import { systemClock } from "../../../core/clock.ts";
import { type Alertmanager, startAlertmanager } from "../../peers/alertmanager.ts";
import { startMosquitto } from "../../peers/mosquitto.ts";
import { until } from "../../peers/process.ts";
import { type SmtpServer, startSmtp } from "../../peers/smtp.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { incident, notification } from "./samples.ts";

const signal = new AbortController().signal;
const clock = systemClock();

describe("a real Alertmanager", () => {
  let receiver: Receiver;
  let manager: Alertmanager;
  beforeAll(async () => {
    receiver = await startReceiver();
    manager = await startAlertmanager(receiver.url);
  });
  afterAll(async () => {
    await manager.stop();
    await receiver.close();
  });
  const posted = () =>
    receiver.received.map(
      ({ body }) => JSON.parse(body) as { status: string; alerts: { status: string; labels: Record<string, string> }[] },
    );

  it("takes an incident, sees its level change, groups two of them, and is told of the resolve", async () => {
    const notifier = createAlertmanagerNotifier({ url: `${manager.url}/` }, clock);
    const major = incident({ level: "major" });
    await notifier.send(notification([{ kind: "opened", incident: major, was: null }], { url: "http://mw.example" }), signal);
    expect(await manager.alerts()).toMatchObject([
      {
        labels: { alertname: "MillwrightIncident", incident: "k1-7", severity: "major" },
        annotations: { summary: major.title, business_services: "line-3", causes: "filler-31" },
        generatorURL: "http://mw.example",
      },
    ]);
    const other = incident({ id: "k1-8" });
    await notifier.send(
      notification([
        { kind: "updated", incident: incident(), was: "major" },
        { kind: "opened", incident: other, was: null },
      ]),
      signal,
    );
    const labels = (await manager.alerts()).map((alert) => `${alert.labels["incident"]} ${alert.labels["severity"]}`).sort();
    expect(labels).toEqual(["k1-7 critical", "k1-8 critical"]);
    await until("both in one message", 15_000, () =>
      posted().some(({ alerts }) => alerts.filter((alert) => alert.status === "firing").length === 2),
    );
    const resolved = { state: "resolved", level: "ok", resolved: clock.now() } as const;
    await notifier.send(
      notification([
        { kind: "resolved", incident: incident(resolved), was: "critical" },
        { kind: "resolved", incident: incident({ id: "k1-8", ...resolved }), was: "critical" },
      ]),
      signal,
    );
    expect(await manager.alerts()).toEqual([]);
    await until("the resolve is told", 15_000, () => posted().some(({ status }) => status === "resolved"));
  });
});

describe("a mail server", () => {
  let smtp: SmtpServer;
  beforeAll(async () => {
    smtp = await startSmtp();
    process.env["MAIL_PASSWORD"] = "pass";
  });
  afterAll(() => smtp.close());
  const notifierOf = (more: object = {}) => {
    const email = {
      host: "127.0.0.1",
      port: smtp.port,
      tls: "none",
      from: "mw@plant.example",
      to: ["eva@plant.example", "jan@plant.example"],
      ...more,
    };
    const channel = config.parse({ notify: { channels: { m: { email } } } }).notify.channels["m"];
    if (channel === undefined || !("email" in channel)) throw new Error("no e-mail");
    return createEmailNotifier(channel.email);
  };

  it("receives one mail for all recipients, in plain text, part of the incident's conversation", async () => {
    const title = "Line 3\r\nBcc: evil@example is critical";
    await notifierOf({ user: "mw", password: "env:MAIL_PASSWORD" }).send(
      notification(undefined, { title, url: "http://mw.example" }),
      signal,
    );
    const [mail] = smtp.mails;
    expect(mail).toMatchObject({ from: "mw@plant.example", to: ["eva@plant.example", "jan@plant.example"] });
    expect(mail?.data).toMatch(/^Subject: Line 3 Bcc: evil@example is critical$/m);
    expect(mail?.data).toMatch(/^Message-ID: <5a5f0f3e-1@millwright>$/m);
    expect(mail?.data).toMatch(/^References: <incident\.k1-7@millwright>$/m);
    expect(mail?.data).toContain("first line\nsecond [link](http://evil) & more\n\nhttp://mw.example");
    expect(smtp.said).toContain(`AUTH PLAIN ${Buffer.from("\0mw\0pass").toString("base64")}`);
  });

  it.each([
    { answers: { RCPT: "550 no such user" }, verdict: "rejected" },
    { answers: { RCPT: "450 mailbox busy" }, verdict: "retry" },
    { answers: { MAIL: "530 log in first" }, verdict: "retry" },
  ])("$answers means $verdict", async ({ answers, verdict }) => {
    smtp.answers = answers;
    await expect(notifierOf().send(notification(), signal)).rejects.toMatchObject({
      verdict,
      message: expect.stringContaining("mail server 127.0.0.1"),
    });
    smtp.answers = {};
  });

  it("gives up a server that goes silent when told to", async () => {
    smtp.answers = { MAIL: "silent" };
    await expect(notifierOf().send(notification(), AbortSignal.timeout(300))).rejects.toMatchObject({ verdict: "retry" });
    smtp.answers = {};
  });

  it("does not speak without TLS where TLS is asked for", async () => {
    await expect(notifierOf({ tls: "starttls" }).send(notification(), signal)).rejects.toMatchObject({ verdict: "retry" });
  });
});

it("a broker gets the message as JSON on the topic of config", async () => {
  const broker = await startMosquitto({ users: { mw: "pw" } });
  process.env["MQTT_PASSWORD"] = "pw";
  const listener = await connectAsync(broker.url, { username: "mw", password: "pw", reconnectPeriod: 0 });
  try {
    const heard: string[] = [];
    listener.on("message", (_topic, payload) => heard.push(payload.toString()));
    await listener.subscribeAsync("plant/incidents");
    const parsed = config.parse({
      brokers: { hall: { url: broker.url, user: "mw", password: "env:MQTT_PASSWORD", client_id: "agent" } },
      notify: { channels: { m: { mqtt: { broker: "hall", topic: "plant/incidents" } } } },
    });
    const channel = parsed.notify.channels["m"];
    if (channel === undefined) throw new Error("no channel");
    const notifier = await createNotifier(channel, { brokers: parsed.brokers, clock });
    await notifier.send(notification(), signal);
    await until("the message", 5000, () => heard.length > 0);
    expect(JSON.parse(heard[0] ?? "")).toMatchObject({ version: 1, id: "5a5f0f3e-1", level: "critical" });
    process.env["MQTT_PASSWORD"] = "wrong";
    await expect(notifier.send(notification(), signal)).rejects.toMatchObject({
      verdict: "retry",
      message: expect.stringContaining("plant/incidents"),
    });
  } finally {
    await listener.endAsync(true);
    await broker.stop();
  }
});
