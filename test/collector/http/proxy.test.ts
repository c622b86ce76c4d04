import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, listenOn } from "../../../collector/listen.ts";
import { type House, openHouse, password } from "../door/guests.ts";
import { serve } from "./server.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test("what a trusted proxy says counts, what anybody else says does not", async () => {
  const forwarded = { "x-forwarded-proto": "https", "x-forwarded-host": "millwright.plant.example", "x-forwarded-for": "10.9.8.7" };
  const body = JSON.stringify({ user: "viewer", password });
  const json = { "content-type": "application/json", origin: "https://millwright.plant.example" };
  const cookieOf = async (trustProxy: readonly string[]): Promise<readonly [number, string]> => {
    const server = await serve({ door: house.door, trustProxy, hosts: ["millwright.plant.example"] });
    const answer = await server.post("/api/v1/session", body, { ...json, ...forwarded });
    await server.close();
    return [answer.status, String(answer.headers["set-cookie"] ?? "")];
  };
  const [status, cookie] = await cookieOf(["127.0.0.1"]);
  expect(status).toBe(200);
  expect(cookie).toMatch(/^__Host-millwright_session=.*; HttpOnly; Secure; SameSite=Strict$/);
  // Nobody said that this proxy is ours: the page's origin is not the host that was asked.
  expect(await cookieOf([])).toEqual([403, ""]);
});

test("a client that is slow with its head is cut off, and costs its neighbours nothing", async () => {
  const listening: Listening = await listenOn("127.0.0.1:0", (_, response) => response.end("ok"), {
    limits: { headersTimeout: 200, connectionsCheckingInterval: 50 },
  });
  const slow = connect(Number(new URL(listening.url).port), "127.0.0.1");
  slow.on("error", () => {});
  slow.write("GET / HTTP/1.1\r\nHost: x\r\nX-A: ");
  const said = new Promise<string>((resolve) => {
    let text = "";
    slow.on("data", (bytes) => {
      text += bytes.toString();
    });
    slow.on("close", () => resolve(text));
  });
  expect(await (await fetch(listening.url)).text()).toBe("ok");
  expect(await said).toMatch(/^HTTP\/1\.1 408 /);
  await listening.close(10);
});
