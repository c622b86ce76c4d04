import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMqttAdapter, type MqttSpec } from "../../../../adapters/sources/mqtt/source.ts";
import { asset, broker } from "../../../../config/assets.ts";
import { Secret } from "../../../../config/secret.ts";
import { systemClock } from "../../../../core/clock.ts";
import { SourceError } from "../../../../core/errors.ts";
import { silentLog } from "../../../../core/log.ts";
import { Q } from "../../../../core/quality.ts";
import type { Source } from "../../../../core/source.ts";
import { FakeClock } from "../../../fake-clock.ts";
import { type Mosquitto, type Publisher, startMosquitto, startPublisher } from "../../../peers/mosquitto.ts";
import { freePort } from "../../../peers/port.ts";
import { until } from "../../../peers/process.ts";
import { RecordingSink, sourceContract } from "../contract.ts";
import { recordBytes } from "./bytes.ts";
import { loadCases, readingsOf } from "./cases.ts";

const clock = systemClock();
const topics = [{ topic: "plant/air/{sensor}", metrics: { pressure_pascals: { path: "$.bar", unit: "bar" } } }];

function specOf(url: string, options: { readonly mqtt?: object; readonly broker?: object } = {}): MqttSpec {
  const { mqtt } = asset.parse({ mqtt: { broker: "hall", topics, ...options.mqtt } });
  if (mqtt === undefined) throw new Error("no mqtt");
  return { mqtt, broker: { ...broker.parse({ url }), ...options.broker }, brokerId: "hall" };
}

interface Heard {
  readonly sink: RecordingSink;
  readonly source: Source;
  readonly ended: Promise<SourceError | undefined>;
  stop(): Promise<void>;
}

/** Starts listening and waits until it is live, or ended. */
async function hear(adapter: ReturnType<typeof createMqttAdapter>, spec: MqttSpec, name = "compressor"): Promise<Heard> {
  const sink = new RecordingSink();
  const source = adapter.source(spec, { asset: name, everyMs: 1000, sink, clock, log: silentLog });
  if (source.mode !== "listen") throw new Error("not a listening source");
  const abort = new AbortController();
  let live = false;
  const ended = source
    .listen(abort.signal, () => {
      live = true;
    })
    .then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof SourceError) return error;
        throw error;
      },
    );
  await Promise.race([until("the source is live", 5000, () => live), ended]);
  return {
    sink,
    source,
    ended,
    async stop() {
      abort.abort();
      await ended;
    },
  };
}

const bar = (sink: RecordingSink, sensor: string): number | undefined => sink.latest("pressure_pascals", { sensor })?.value;

sourceContract("mqtt", {
  asset: "compressor",
  async living(sink) {
    const server = await startMosquitto();
    const device = await startPublisher(server);
    const timer = setInterval(() => void device.publish("plant/air/main", '{"bar": 6.5}').catch(() => {}), 20);
    const source = createMqttAdapter({ log: silentLog, clock }).source(specOf(server.url), {
      asset: "compressor",
      everyMs: 1000,
      sink,
      clock,
      log: silentLog,
    });
    return {
      source,
      async stop() {
        clearInterval(timer);
        await device.end();
        await server.stop();
      },
    };
  },
  async dead(sink) {
    const context = { asset: "compressor", everyMs: 1000, sink, clock, log: silentLog };
    const source = createMqttAdapter({ log: silentLog, clock }).source(specOf(`mqtt://127.0.0.1:${await freePort()}`), context);
    return { source, stop: async () => {} };
  },
});

describe.each(["3.1.1", "5"] as const)("with a broker of MQTT %s", (version) => {
  let server: Mosquitto;
  let device: Publisher;
  beforeAll(async () => {
    server = await startMosquitto();
    device = await startPublisher(server);
  });
  afterAll(async () => {
    await device.end();
    await server.stop();
  });
  const spec = (mqtt: object = {}): MqttSpec => specOf(server.url, { mqtt, broker: { version } });

  it.each([0, 1, 2])("hears QoS %i", async (qos) => {
    const heard = await hear(createMqttAdapter({ log: silentLog, clock }), spec({ topics: [{ ...topics[0], qos }] }));
    await device.publish("plant/air/main", '{"bar": 7}', { qos: 2 });
    await until("the value is there", 5000, () => bar(heard.sink, "main") === 7e5);
    expect(heard.sink.latest("pressure_pascals")?.series.origin).toBe("plant/air/main");
    await heard.stop();
    expect(await heard.ended).toBeUndefined();
  });

  it("shares one connection, and gives a message to each asset whose topics fit", async () => {
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const before = connections(server);
    const wide = await hear(adapter, spec(), "wide");
    const narrow = await hear(adapter, spec({ topics: [{ ...topics[0], topic: "plant/+/{sensor}" }] }), "narrow");
    await device.publish("plant/air/main", '{"bar": 6}');
    await until("both have it", 5000, () => bar(wide.sink, "main") === 6e5 && bar(narrow.sink, "main") === 6e5);
    expect(connections(server)).toBe(before + 1);
    await narrow.stop();
    await wide.stop();
  });

  it.each(loadCases().filter((one) => one.messages.every((m) => !m.retained && !m.topic.startsWith("$"))))("reads the case $name", async ({
    mqtt,
    now,
    messages,
    expected,
    malformed,
  }) => {
    const sink = new RecordingSink();
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const context = { asset: "a", everyMs: 1000, sink, clock: new FakeClock(now), log: silentLog };
    const source = adapter.source({ ...spec(), mqtt }, context);
    if (source.mode !== "listen") throw new Error("not a listening source");
    const abort = new AbortController();
    const listening = await new Promise<{ readonly ended: Promise<void> }>((live) => {
      const ended = source.listen(abort.signal, () => live({ ended }));
    });
    for (const { topic, payload } of messages) await device.publish(topic, payload);
    await until("all readings", 5000, () => sink.puts.length >= expected.length && sink.malformations.length >= malformed.length);
    expect(readingsOf(sink, expected)).toEqual(expected);
    expect(sink.malformations).toEqual(malformed);
    abort.abort();
    await listening.ended;
  });

  it("unsubscribes what no asset wants any more, and disconnects with the last", async () => {
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const from = server.output().length;
    const stays = await hear(adapter, spec(), "stays");
    const leaves = await hear(adapter, spec({ topics: [topics[0], { ...topics[0], topic: `gone/${version}/{x}` }] }), "leaves");
    await leaves.source.close();
    await until("UNSUBSCRIBE of its own topic alone", 5000, () => unsubscribed(server, from).has(`gone/${version}/+`));
    expect(unsubscribed(server, from).has("plant/air/+")).toBe(false);
    await device.publish("plant/air/main", '{"bar": 5}');
    await until("the other one still hears", 5000, () => bar(stays.sink, "main") === 5e5);
    expect(leaves.sink.puts).toEqual([]);
    const disconnects = server.output().split("Received DISCONNECT").length;
    await stays.stop();
    await until("DISCONNECT", 5000, () => server.output().split("Received DISCONNECT").length === disconnects + 1);
  });

  it("takes a retained message without a time for what it is: of unknown age", async () => {
    const topic = `plant/air/kept-${version}`;
    await device.publish(topic, '{"bar": 4}', { retain: true });
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const first = await hear(adapter, spec(), "first");
    const label = { sensor: `kept-${version}` };
    await until("the retained value is there", 5000, () => first.sink.latest("pressure_pascals", label) !== undefined);
    expect(first.sink.latest("pressure_pascals", label)).toMatchObject({ value: 4e5, quality: Q.UncertainLastUsableValue });
    await device.publish(topic, '{"bar": 4.5}');
    await until("a live one is Good", 5000, () => first.sink.latest("pressure_pascals", label)?.quality === Q.Good);
    // The same filter again: the broker repeats the old message on the shared connection.
    const second = await hear(adapter, spec(), "second");
    await until("the second has it", 5000, () => second.sink.latest("pressure_pascals", label) !== undefined);
    expect(first.sink.latest("pressure_pascals", label)).toMatchObject({ value: 4.5e5, quality: Q.Good });
    await second.stop();
    await first.stop();
  });

  it("never sends anything but CONNECT, SUBSCRIBE, UNSUBSCRIBE, acknowledgements, PINGREQ and DISCONNECT", async () => {
    const wire = await recordBytes(server.port);
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const own = { version, keepalive: 1000 };
    const heard = await hear(
      adapter,
      specOf(`mqtt://127.0.0.1:${wire.port}`, { broker: own, mqtt: { topics: [{ ...topics[0], qos: 2 }] } }),
    );
    for (const qos of [0, 1, 2] as const) await device.publish("plant/air/main", `{"bar": ${qos}}`, { qos });
    await until("all three came", 5000, () => heard.sink.puts.length >= 3);
    await until("a keep-alive", 5000, () => wire.packetTypes().includes("PINGREQ"));
    await heard.stop();
    await wire.close();
    const sent = new Set(wire.packetTypes());
    expect([...sent].sort()).toEqual(
      ["CONNECT", "DISCONNECT", "PINGREQ", "PUBACK", "PUBCOMP", "PUBREC", "SUBSCRIBE", "UNSUBSCRIBE"].sort(),
    );
  });
});

describe("a broker in trouble", () => {
  it("tells every asset when the connection breaks, and is heard again after its restart", async () => {
    const server = await startMosquitto();
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const one = await hear(adapter, specOf(server.url), "one");
    const two = await hear(adapter, specOf(server.url), "two");
    await server.kill();
    for (const heard of [one, two]) {
      const error = await heard.ended;
      expect(error?.fault).toBe("disconnected");
      expect(error?.message).toContain(server.url);
    }
    const down = await hear(adapter, specOf(server.url), "one");
    expect(await down.ended).toMatchObject({ fault: "refused", message: `${server.url}: connect: ECONNREFUSED` });
    const again = await startMosquitto({ port: server.port });
    const back = await hear(adapter, specOf(server.url), "one");
    const device = await startPublisher(again);
    await device.publish("plant/air/main", '{"bar": 6}');
    await until("heard again", 5000, () => bar(back.sink, "main") === 6e5);
    await device.end();
    await back.stop();
    await again.stop();
  });

  it("needs the right password", async () => {
    const server = await startMosquitto({ users: { mw: "right" } });
    process.env["MILLWRIGHT_TEST_MQTT_PASSWORD"] = "right";
    const password = new Secret("env:MILLWRIGHT_TEST_MQTT_PASSWORD", ".");
    for (const version of ["3.1.1", "5"] as const) {
      const adapter = createMqttAdapter({ log: silentLog, clock });
      const anonymous = await hear(adapter, specOf(server.url, { broker: { version } }));
      expect(await anonymous.ended).toMatchObject({ fault: "denied" });
      const wrong = await hear(adapter, specOf(server.url, { broker: { version, user: "eve", password } }));
      const error = await wrong.ended;
      expect(error).toMatchObject({ fault: "denied", quality: Q.BadUserAccessDenied });
      expect(error?.message).not.toContain("right");
      const right = await hear(adapter, specOf(server.url, { broker: { version, user: "mw", password } }));
      await right.stop();
      expect(await right.ended).toBeUndefined();
    }
    await server.stop();
  });

  it("names the topic that the broker does not give", async () => {
    const server = await startMosquitto({ subscribable: ["plant/air/#"] });
    const adapter = createMqttAdapter({ log: silentLog, clock });
    for (const version of ["3.1.1", "5"] as const) {
      const mixed = [topics[0], { ...topics[0], topic: "plant/secret/{x}" }];
      const heard = await hear(adapter, specOf(server.url, { mqtt: { topics: mixed }, broker: { version } }));
      const error = await heard.ended;
      expect(error?.fault).toBe("denied");
      expect(error?.message).toContain(`${server.url}: subscribe to "plant/secret/+": `);
      expect(error?.message).not.toContain("plant/air/");
    }
    await server.stop();
  });

  it("is believed by its certificate only", async () => {
    const dir = await mkdtemp(join(tmpdir(), "millwright-tls-"));
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", ...subject];
    execFileSync("openssl", [...args, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const server = await startMosquitto({ tls: { cert, key } });
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const trusted = await hear(adapter, specOf(server.url, { broker: { ca: cert } }));
    await trusted.stop();
    expect(await trusted.ended).toBeUndefined();
    const stranger = await hear(adapter, specOf(server.url));
    expect(await stranger.ended).toMatchObject({ fault: "denied", message: expect.stringContaining("self-signed certificate") });
    const nowhere = await hear(adapter, specOf(server.url, { broker: { ca: join(dir, "none.pem") } }));
    expect(await nowhere.ended).toMatchObject({ fault: "config", message: expect.stringContaining("none.pem") });
    await server.stop();
    await rm(dir, { recursive: true });
  });

  it.each([
    ["says nothing", undefined, undefined],
    ["speaks another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", "malformed"],
    ["hangs up", "", "disconnected"],
  ])("is given up in time where it %s", async (_, answer, fault) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      if (answer === "") socket.destroy();
      else if (answer !== undefined) socket.write(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const sink = new RecordingSink();
    const context = { asset: "a", everyMs: 1000, sink, clock, log: silentLog };
    const source = createMqttAdapter({ log: silentLog, clock }).source(specOf(`mqtt://127.0.0.1:${port}`), context);
    if (source.mode !== "listen") throw new Error("not a listening source");
    const ended = source
      .listen(new AbortController().signal, () => {})
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    await until("it asked", 5000, () => sockets.size > 0);
    if (fault === undefined) await source.close();
    const error = await ended;
    if (fault === undefined) expect(error).toBeUndefined();
    else expect(error).toMatchObject({ fault, message: expect.stringContaining(`:${port}: connect: `) });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it("is refused in words where a password has no user, which MQTT 3.1.1 cannot say", () => {
    const adapter = createMqttAdapter({ log: silentLog, clock });
    const context = { asset: "a", everyMs: 1000, sink: new RecordingSink(), clock, log: silentLog };
    const spec = specOf("mqtt://127.0.0.1:1883", { broker: { password: new Secret("env:NONE", ".") } });
    expect(() => adapter.source(spec, context)).toThrow("broker hall: MQTT 3.1.1 takes a password only with a user");
  });
});

function connections(server: Mosquitto): number {
  return server.output().split("New client connected").length;
}

/** Filters that clients gave up, from mosquitto's log after that many characters. */
function unsubscribed(server: Mosquitto, from: number): Set<string> {
  const lines = server.output().slice(from).split("\n");
  return new Set(lines.flatMap((line, i) => (line.includes("Received UNSUBSCRIBE") ? [lines[i + 1]?.split("\t")[1] ?? ""] : [])));
}
