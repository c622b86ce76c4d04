import { describe, expect, it } from "vitest";
import { checkReach, isLoopback, ListenError, listenOn, parseAddress } from "../../collector/listen.ts";

it.each([
  ["127.0.0.1:8460", { host: "127.0.0.1", port: 8460 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["plant.example:80", { host: "plant.example", port: 80 }],
])("%s is an address", (listen, expected) => {
  expect(parseAddress(listen)).toEqual(expected);
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["127.0.0.1.example", false],
  ["127.1", false],
  ["::ffff:10.0.0.1", false],
])("%s is loopback: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

describe("listening", () => {
  it("where others can reach it must be said to be known", () => {
    expect(() => checkReach("0.0.0.0:8460", false)).toThrow(ListenError);
    expect(() => checkReach("[::]:8460", false)).toThrow(ListenError);
    checkReach("0.0.0.0:8460", true);
    checkReach("[::1]:8460", false);
  });

  it("names the address that it cannot have", async () => {
    await expect(listenOn("192.0.2.1:0", () => {})).rejects.toThrow("collector.listen: 192.0.2.1:0: is no address of this machine");
    expect(() => parseAddress("127.0.0.1:70000")).toThrow("there is no port 70000");
  });

  it("ends streams that never end, after a moment", async () => {
    const listening = await listenOn("127.0.0.1:0", (_, response) => response.write("data: 1\n\n"));
    const answer = await fetch(listening.url);
    const body = answer.text().catch(() => "cut off");
    await listening.close(20);
    expect(await body).toBe("cut off");
  });
});
