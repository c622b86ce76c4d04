import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxPayloadBytes } from "../../../../adapters/sources/mqtt/decode.ts";
import { type Message, Receiver } from "../../../../adapters/sources/mqtt/receiver.ts";
import { type MqttConfig, mqttConfig } from "../../../../config/assets.ts";
import { SourceError } from "../../../../core/errors.ts";
import { silentLog } from "../../../../core/log.ts";
import { isBad, Q } from "../../../../core/quality.ts";
import { FakeClock } from "../../../fake-clock.ts";
import { RecordingSink } from "../contract.ts";
import { loadCases, readingsOf } from "./cases.ts";

function receiverOf(mqtt: MqttConfig, { maxSeries, clock = new FakeClock() }: { maxSeries?: number; clock?: FakeClock } = {}) {
  const sink = new RecordingSink();
  const receiver = new Receiver(mqtt, { asset: "a", everyMs: 10_000, sink, clock, log: silentLog }, maxSeries);
  const say = (topic: string, payload: string, retained = false): void =>
    receiver.message({ topic, payload: Buffer.from(payload), retained });
  return { receiver, sink, say };
}

const aLevel = { topic: "a/{x}", metrics: { level_meters: { path: "$.v", unit: "m" } } };
const oneTopic = mqttConfig.parse({ broker: "hall", topics: [aLevel] });

describe("cases", () => {
  it.each(loadCases())("$name", ({ mqtt, now, messages, expected, malformed, origins }) => {
    const { receiver, sink } = receiverOf(mqtt, { clock: new FakeClock(now) });
    receiver.begin();
    for (const message of messages) receiver.message(message);
    expect(readingsOf(sink, expected)).toEqual(expected);
    expect(sink.malformations).toEqual(malformed);
    if (origins !== undefined) expect(sink.descriptions.map((series) => series.origin)).toEqual(origins);
  });
});

describe("a flood of topics", () => {
  it("makes no more series than the cap, counts the rest, and harms no series that is there", () => {
    const { receiver, sink, say } = receiverOf(oneTopic, { maxSeries: 3 });
    receiver.begin();
    for (let i = 0; i < 10; i++) say(`a/${i}`, '{"v": 1}');
    expect(sink.descriptions).toHaveLength(3);
    expect(sink.malformations).toHaveLength(7);
    expect(sink.malformations[0]).toBe('"a/3": the asset has 3 series already, this one is not taken');
    say("a/2", '{"v": 2}');
    expect(sink.latest("level_meters", { x: "2" })?.value).toBe(2);
  });

  it("takes what is known of a message that holds something new as well", () => {
    const metrics = { level_meters: { path: "$.v", unit: "m" }, pressure_pascals: { path: "$.w", unit: "Pa" } };
    const { receiver, sink, say } = receiverOf(mqttConfig.parse({ broker: "hall", topics: [{ topic: "a/{x}", metrics }] }), {
      maxSeries: 1,
    });
    receiver.begin();
    say("a/1", '{"w": 1}');
    say("a/1", '{"v": 5, "w": 2}');
    expect(sink.latest("pressure_pascals", { x: "1" })?.value).toBe(2);
    expect(sink.malformations).toEqual(['"a/1": the asset has 1 series already, this one is not taken']);
  });

  it("refuses a label that is too long", () => {
    const { receiver, sink, say } = receiverOf(oneTopic);
    receiver.begin();
    say(`a/${"x".repeat(256)}`, '{"v": 1}');
    say(`a/${"x".repeat(257)}`, '{"v": 1}');
    expect(sink.puts).toHaveLength(1);
    expect(sink.malformations).toHaveLength(1);
    expect(sink.malformations[0]?.length).toBeLessThan(200);
  });
});

it("does not look into a payload that is too large", () => {
  const { receiver, sink, say } = receiverOf(oneTopic);
  receiver.begin();
  say("a/1", `{"v": 1}${" ".repeat(maxPayloadBytes)}`);
  expect(sink.latest("level_meters")?.quality).toBe(Q.BadDecodingError);
  expect(sink.malformations).toEqual(['"a/1": a payload of 1048584 bytes, at most 1048576 are read']);
});

describe("series", () => {
  it("of a topic without wildcards are known before their first message, so that silence shows", () => {
    const { receiver, sink } = receiverOf(
      mqttConfig.parse({ broker: "hall", topics: [{ topic: "c/b", metrics: { x: {}, y: {} } }, aLevel] }),
    );
    receiver.begin();
    expect(sink.descriptions.map((series) => series.metric)).toEqual(["x", "y"]);
    expect(sink.puts).toEqual([]);
  });

  it("take a retained message again after a new connection", () => {
    const { receiver, sink, say } = receiverOf(oneTopic);
    receiver.begin();
    say("a/1", '{"v": 1}');
    say("a/1", '{"v": 0}', true);
    expect(sink.latest("level_meters")).toMatchObject({ value: 1, quality: Q.Good });
    receiver.begin();
    say("a/1", '{"v": 0}', true);
    expect(sink.latest("level_meters")).toMatchObject({ value: 0, quality: Q.UncertainLastUsableValue });
  });

  it("are described once, however often they are heard", () => {
    const { receiver, sink, say } = receiverOf(oneTopic);
    receiver.begin();
    let registered = 0;
    const register = sink.register.bind(sink);
    sink.register = (description) => {
      registered++;
      return register(description);
    };
    for (let i = 0; i < 5; i++) say("a/1", '{"v": 1}');
    expect(registered).toBe(1);
  });
});

describe("config that cannot be read", () => {
  const metrics = { m: {} };
  it.each([
    ["a path", { topics: [{ topic: "a", metrics: { m: { path: "$.a[" } } }] }, /JSON path "\$\.a\["/],
    ["a pattern", { topics: [{ topic: "a/#/b", metrics }] }, /topic "a\/#\/b": # stands only at the end/],
    ["a path into text", { topics: [{ topic: "a", format: "text", time: "$.t", metrics }] }, /a payload of format text has no JSON paths/],
    [
      "a label that is there twice",
      { topics: [{ topic: "a/{x}", metrics: { m: { labels: { x: "1" } } } }] },
      /m has a label x, and so has the topic/,
    ],
    ["Sparkplug", { sparkplug: { group: "g", node: "n" } }, /sparkplug is not read by this version/],
  ])("%s", (_, mqtt, message) => {
    const make = (): unknown => receiverOf(mqttConfig.parse({ broker: "hall", ...mqtt }));
    expect(make).toThrow(SourceError);
    expect(make).toThrow(message);
  });
});

describe("whatever comes", () => {
  const everything = mqttConfig.parse({
    broker: "hall",
    topics: [
      { topic: "{a}/#", metrics: { x_ratio: { path: "$.x", unit: "%", range: [0, 1] }, y: { path: "$.y[0].z" } }, time: "$.t" },
      { topic: "+/{b}", format: "text", metrics: { s: { states: { 1: "on" } } } },
    ],
  });
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.record({ x: fc.anything(), t: fc.anything(), y: fc.anything() }).map((body) => {
      try {
        return Buffer.from(JSON.stringify(body));
      } catch {
        return Buffer.from("{}");
      }
    }),
  );
  const topic = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.string(), { maxLength: 4 }).map((levels) => levels.join("/")),
  );
  const message: fc.Arbitrary<Message> = fc.record({ topic, payload, retained: fc.boolean() });

  it("never throws, and a value is NaN exactly when its quality is Bad", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
        const { receiver, sink } = receiverOf(everything, { maxSeries: 5 });
        receiver.begin();
        for (const one of messages) receiver.message(one);
        for (const put of sink.puts) {
          expect(Number.isNaN(put.value)).toBe(isBad(put.quality));
          expect(Number.isSafeInteger(put.time)).toBe(true);
        }
        expect(sink.descriptions.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 300 },
    );
  });
});
