import { request } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { CollectorEvent } from "../../../core/api.ts";
import { FakeClock } from "../../fake-clock.ts";
import { until } from "../../peers/process.ts";
import { serve, start, type TestServer } from "./server.ts";

let it: TestServer;
afterEach(() => it.close());

interface Listener {
  text(): string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  leave(): void;
}

function listen(path: string, headers: Record<string, string> = {}): Promise<Listener> {
  return new Promise((resolve, reject) => {
    let text = "";
    const sent = request({ host: "127.0.0.1", port: it.port, path, headers: { "accept-encoding": "gzip", ...headers } }, (response) => {
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("error", () => {});
      resolve({ text: () => text, headers: response.headers, leave: () => sent.destroy() });
    });
    sent.on("error", reject);
    sent.end();
  });
}

const config = (time: number): CollectorEvent => ({ type: "config", time });
const ids = (text: string): string[] => [...text.matchAll(/^id: (.+)$/gm)].map((match) => match[1] ?? "");
const names = (text: string): string[] => [...text.matchAll(/^event: (.+)$/gm)].map((match) => match[1] ?? "");

test("events come at once, uncompressed, named by their type, numbered", async () => {
  it = await serve({});
  const listener = await listen("/api/v1/events");
  expect(listener.headers["content-encoding"]).toBeUndefined();
  expect(listener.headers["cache-control"]).toBe("no-cache, no-transform");
  expect(listener.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  it.view.emit(config(1));
  it.view.emit(config(2));
  await until("two events", 5000, () => names(listener.text()).length === 3);
  expect(listener.text()).toMatch(/^retry: 2000\nid: \S+-0\nevent: hello\ndata: {"time":\d+}\n\n/);
  expect(listener.text()).toContain('event: config\ndata: {"type":"config","time":2}\n\n');
  expect(ids(listener.text()).map((id) => id.split("-")[1])).toEqual(["0", "1", "2"]);
});

test("a filter narrows types, and readings to one asset", async () => {
  it = await serve({});
  const listener = await listen("/api/v1/events?types=readings,config&asset=filler-32");
  const [service] = it.view.services();
  if (service !== undefined) it.view.emit({ type: "service", service });
  it.view.put(0, 90); // filler-31
  it.view.put(7, 72); // filler-32
  it.view.emit(config(1));
  await until("the last", 5000, () => listener.text().includes("event: config"));
  expect(names(listener.text())).toEqual(["hello", "readings", "config"]);
  expect(listener.text()).toContain('"asset":"filler-32"');
});

test("who comes back with the last id hears what was missed, once; a foreign or too old id means reset", async () => {
  const clock = new FakeClock(start);
  it = await serve({ clock, events: { replay: 3 } });
  const first = await listen("/api/v1/events");
  it.view.emit(config(1));
  await until("an event", 5000, () => names(first.text()).length === 2);
  first.leave();
  for (const time of [2, 3]) it.view.emit(config(time));
  const last = ids(first.text()).at(-1) ?? "";
  const second = await listen("/api/v1/events", { "last-event-id": last });
  await until("replay", 5000, () => names(second.text()).length === 3);
  expect(second.text()).toContain('"time":2}');
  expect(second.text()).toContain('"time":3}');
  expect(second.text()).not.toContain('"time":1}');
  for (let time = 4; time < 20; time++) it.view.emit(config(time));
  for (const id of [last, "other-1", "nonsense", "\u00ff"]) {
    const late = await listen("/api/v1/events", { "last-event-id": id });
    await until("reset", 5000, () => names(late.text()).length >= 2);
    expect(names(late.text())).toEqual(["hello", "reset"]);
    late.leave();
  }
});

test("a reset reaches whoever listens, whatever they want to hear, and whoever comes back after it", async () => {
  it = await serve({});
  const narrow = await listen("/api/v1/events?types=alarm");
  it.view.emit(config(1));
  it.view.emit({ type: "reset", time: 2 });
  await until("the reset", 5000, () => names(narrow.text()).includes("reset"));
  expect(names(narrow.text())).toEqual(["hello", "reset"]);
  const [before = "", after = ""] = ids(narrow.text());
  narrow.leave();
  const late = await listen("/api/v1/events", { "last-event-id": before });
  await until("its reset", 5000, () => names(late.text()).length === 2);
  expect(names(late.text())).toEqual(["hello", "reset"]);
  const informed = await listen("/api/v1/events", { "last-event-id": after });
  it.view.emit(config(3));
  await until("what comes next", 5000, () => names(informed.text()).length === 2);
  expect(names(informed.text())).toEqual(["hello", "config"]);
});

test("a beat every 15 s; a minute after the last listener left, the view is not listened to any more", async () => {
  const clock = new FakeClock(start);
  it = await serve({ clock });
  expect(it.view.listeners).toBe(1); // metrics, for its thresholds
  const listener = await listen("/api/v1/events");
  expect(it.view.listeners).toBe(2);
  await clock.advance(45_000);
  await until("three beats", 5000, () => listener.text().match(/^: beat$/gm)?.length === 3);
  listener.leave();
  await until("the listener to be gone", 5000, () => clock.waiting === 2);
  await clock.advance(59_000);
  expect(it.view.listeners).toBe(2);
  await clock.advance(1000);
  expect(it.view.listeners).toBe(1);
  expect(clock.waiting).toBe(0);
});

test("a listener too many is a 503 problem", async () => {
  it = await serve({ events: { clients: 1 } });
  const listener = await listen("/api/v1/events");
  const answer = await it.get("/api/v1/events");
  expect(answer.status).toBe(503);
  expect(answer.headers["retry-after"]).toBe("10");
  listener.leave();
});

test("one address may not take all places: 429, and others are let in", async () => {
  it = await serve({ events: { clientsOfOne: 1 }, trustProxy: ["127.0.0.1"] });
  const listener = await listen("/api/v1/events");
  expect((await it.get("/api/v1/events")).status).toBe(429);
  const other = await fetch(`${it.url}/api/v1/events`, { headers: { "x-forwarded-for": "10.0.0.7" } });
  expect(other.status).toBe(200);
  await other.body?.cancel();
  listener.leave();
});

test("a listener that does not read is cut off and counted; its neighbour hears everything", async () => {
  it = await serve({ events: { waitingBytes: 200_000 } });
  const slow = request({ host: "127.0.0.1", port: it.port, path: "/api/v1/events" }, (response) => {
    response.pause();
    response.on("error", () => {});
  });
  slow.on("error", () => {});
  slow.end();
  const quick = await listen("/api/v1/events");
  const [service] = it.view.services();
  const why = "x".repeat(100_000);
  let sent = 0;
  await until("the slow one to be cut off", 10_000, async () => {
    if (service !== undefined && sent < 400) it.view.emit({ type: "service", service: { ...service, why } });
    sent++;
    return /millwright_event_clients_dropped_total 1/.test((await it.get("/metrics")).text);
  });
  await until(
    "the quick one to have all",
    10_000,
    () => names(quick.text()).filter((name) => name === "service").length === Math.min(sent, 400),
  );
  expect((await it.get("/metrics")).text).toContain("millwright_event_clients 1\n");
  slow.destroy();
});

test("HEAD does not open a stream", async () => {
  it = await serve({});
  const answer = await fetch(`${it.url}/api/v1/events`, { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(it.view.listeners).toBe(1);
});
