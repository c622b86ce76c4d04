import { afterEach, beforeEach, expect, it } from "vitest";
import { type Mosquitto, type Publisher, startMosquitto, startPublisher } from "../peers/mosquitto.ts";
import { poll } from "./poll.ts";

let broker: Mosquitto;
let device: Publisher;

beforeEach(async () => {
  broker = await startMosquitto({ users: { mw: "secret", device: "other" } });
  device = await startPublisher(broker, ["device", "other"]);
});
afterEach(async () => {
  await device.end();
  await broker.stop();
});

it.each(["3.1.1", "5"])("millwright poll hears Debian's mosquitto over MQTT %s", async (version) => {
  const time = Date.now();
  const say = async (): Promise<void> => {
    await device.publish("plant/air/main", JSON.stringify({ bar: 6.97, temp: 41.5, ts: time }));
    await device.publish("plant/air/reserve", JSON.stringify({ bar: "not a number", temp: 20, ts: time }));
    await device.publish("plant/press/state", "running");
  };
  const talking = setInterval(() => void say(), 200);
  const { lines, code, stderr } = await poll(
    `agent: { name: a }
brokers:
  hall: { url: "mqtt://127.0.0.1:${broker.port}", user: mw, password: env:MQTT_PASSWORD, client_id: the-agent, version: "${version}" }
assets:
  compressor:
    mqtt:
      broker: hall
      every: 1s
      topics:
        - topic: plant/air/{sensor}
          metrics: { pressure_pascals: { path: $.bar, unit: bar }, temperature_celsius: { path: $.temp, unit: degC } }
          time: $.ts
  press:
    mqtt:
      broker: hall
      every: 1s
      topics:
        - { topic: plant/press/state, format: text, metrics: { machine_state: { kind: state, states: { "1": running, "2": stopped } } } }
`,
    { MQTT_PASSWORD: "secret" },
  ).finally(() => clearInterval(talking));
  expect(stderr).not.toContain("secret");
  // An agent that listens under this client_id is left alone.
  expect(broker.output()).not.toContain("as the-agent");
  expect([code, lines.length]).toEqual([0, 5]);
  const shown = lines.map(({ asset, metric, labels, value, unit, quality, origin }) => ({
    asset,
    metric,
    labels,
    value,
    unit,
    quality,
    origin,
  }));
  const air = (sensor: string, metric: string, value: number | null, unit: string, quality: string) => ({
    asset: "compressor",
    metric,
    labels: { sensor },
    value,
    unit,
    quality,
    origin: `plant/air/${sensor}`,
  });
  expect(shown).toContainEqual(air("main", "pressure_pascals", 697_000, "Pa", "Good"));
  expect(shown).toContainEqual(air("main", "temperature_celsius", 41.5, "Cel", "Good"));
  expect(shown).toContainEqual(air("reserve", "pressure_pascals", null, "Pa", "BadDecodingError"));
  expect(shown).toContainEqual(air("reserve", "temperature_celsius", 20, "Cel", "Good"));
  expect(shown).toContainEqual({
    asset: "press",
    metric: "machine_state",
    labels: {},
    value: 1,
    unit: "",
    quality: "Good",
    origin: "plant/press/state",
  });
  expect(lines.filter((line) => line.asset === "compressor").every((line) => line.time === time)).toBe(true);
});
