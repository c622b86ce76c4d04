import { afterEach, beforeEach, expect, it } from "vitest";
import type { AssetEvent } from "../../../core/asset-event.ts";
import { serve, start, type TestServer } from "./server.ts";

let server: TestServer;
let asset: string;
beforeEach(async () => {
  server = await serve();
  asset = server.view.assets()[0]?.id ?? "";
  server.view.told = [event(3000), event(2000), event(1000), { ...event(0), asset: "another" }];
});
afterEach(() => server.close());

function event(ago: number): AssetEvent {
  const said = { name: "linkDown", level: "warning", text: "<script>", labels: {}, origin: "1.3.6", values: {} } as const;
  return { asset, time: start - 4000 + ago, kind: "trap", ...said };
}

async function times(query: string): Promise<number[]> {
  const answer = await server.get(`/api/v1/assets/${asset}/events${query}`);
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.text) as { events: AssetEvent[] }).events.map(({ time }) => time - start + 4000);
}

it("answers what one asset told, by time and number", async () => {
  expect(await times("")).toEqual([3000, 2000, 1000]);
  expect(await times("?limit=1")).toEqual([3000]);
  expect(await times(`?from=${start - 2000}&to=${start - 1000}`)).toEqual([2000]);
});

it.each([
  ["an unknown asset", "/api/v1/assets/nobody/events", 404],
  ["no number", "/api/v1/assets/ID/events?limit=all", 400],
  ["too many", "/api/v1/assets/ID/events?limit=1001", 400],
  ["a time that ends before it begins", "/api/v1/assets/ID/events?from=5&to=4", 400],
  ["an unknown parameter", "/api/v1/assets/ID/events?since=1h", 400],
])("refuses %s", async (_, path, status) => {
  expect((await server.get(path.replace("ID", asset))).status).toBe(status);
});

it("tells an event on the stream to those who want events", async () => {
  const answer = await fetch(`${server.url}/api/v1/events?types=event`);
  const reader = answer.body?.getReader();
  let text = "";
  const read = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) text += Buffer.from((await reader?.read())?.value ?? []).toString();
  };
  await read("event: hello");
  server.view.emit({ type: "config", time: 1 });
  server.view.emit({ type: "event", event: event(1) });
  await read("event: event");
  expect(text).not.toContain("event: config");
  await reader?.cancel();
});
