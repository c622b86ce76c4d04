import { createSocket } from "node:dgram";
import { describe, expect, it } from "vitest";
import { SourceError } from "../../../../core/errors.ts";
import { Q } from "../../../../core/quality.ts";
import { freeUdpPort } from "../../../peers/port.ts";
import { int, plainSecure, response, tlv, variable } from "./ber.ts";
import type { Request } from "./responder.ts";
import { poller, respond, running } from "./running.ts";
import { poll, type Subject, secure } from "./setup.ts";

const upTime = "1.3.6.1.2.1.1.3.0";
const quick = { timeout: "100ms", retries: 1, profile: "system" };
const ticks = (value: number): Buffer => int(value, 0x43);
const noSuchObject = tlv(0x80);
const endOfMib = tlv(0x82);

/** Answers each variable by its OID; what is not known is noSuchObject. */
function answer(request: Request, values: Readonly<Record<string, Buffer>>, over: Partial<Parameters<typeof response>[0]> = {}): Buffer {
  const variables = request.oids.map((oid) => variable(oid, values[oid] ?? noSuchObject));
  return response({ version: request.version, id: request.id, variables, ...over });
}

async function failure(of: Subject): Promise<SourceError> {
  const error = await poll(of);
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

describe("a device that does not answer properly", () => {
  it.each<[string, (request: Request) => Buffer]>([
    ["garbage", () => Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["nothing", () => Buffer.alloc(0)],
    ["half a message", (request) => answer(request, {}).subarray(0, 20)],
    ["a message that ends inside a variable", (request) => response({ id: request.id, variables: [Buffer.from("300e06082b06", "hex")] })],
    ["another version", (request) => answer(request, {}, { version: 0 })],
    ["a request", (request) => answer(request, {}, { tag: 0xa0 })],
    ["a trap", (request) => answer(request, {}, { tag: 0xa7 })],
    ["another community", (request) => answer(request, {}, { community: "private" })],
    ["no variables", (request) => response({ id: request.id, variables: [] })],
  ])("%s: malformed, counted, no crash and no hang", async (_, reply) => {
    const { port } = await respond(reply);
    const device = poller({ port, ...quick });
    const error = await failure(device);
    expect(error.fault).toBe("malformed");
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(device.sink.puts).toEqual([]);
    expect(device.sink.malformations.length).toBeGreaterThan(0);
    expect(device.sink.malformations[0]).toContain(`127.0.0.1:${port}: `);
  });

  it("silence: a time-out within timeout x (retries + 1)", async () => {
    const device = poller({ port: await freeUdpPort(), ...quick });
    const error = await failure(device);
    expect([error.fault, error.quality]).toEqual(["timeout", Q.BadTimeout]);
  });

  it("is fit for the next round", async () => {
    const replies: ((request: Request) => Buffer)[] = [() => Buffer.from("garbage"), () => Buffer.from("garbage")];
    const { port } = await respond((request) => (replies.shift() ?? ((r) => answer(r, { [upTime]: ticks(4711) })))(request));
    const device = poller({ port, ...quick });
    await failure(device);
    expect(await poll(device)).toBeUndefined();
    expect(device.sink.latest("uptime_seconds")?.value).toBe(47.11);
  });

  it("delays nobody else", async () => {
    const { port } = await respond((request) => answer(request, { [upTime]: ticks(100) }));
    const dead = poller({ port: await freeUdpPort(), timeout: "2s", profile: "system" });
    const alive = poller({ port, ...quick });
    const abort = new AbortController();
    const waiting = dead.source.poll(abort.signal).catch(() => {});
    expect(await poll(alive)).toBeUndefined();
    abort.abort();
    await waiting;
  });
});

describe("answers from elsewhere", () => {
  it("are dropped and counted, and the true answer is taken", async () => {
    const stranger = createSocket("udp4");
    await new Promise<void>((resolve) => stranger.bind(0, "127.0.0.1", resolve));
    running.push({ stop: () => new Promise((resolve) => stranger.close(() => resolve())) });
    const { port } = await respond((request, socket) => {
      const { from } = request;
      stranger.send(answer(request, { [upTime]: ticks(66_600) }), from.port, from.address, () => {
        socket.send(answer(request, { [upTime]: ticks(100) }), from.port, from.address);
      });
      return undefined;
    });
    const device = poller({ port, ...quick, timeout: "1s" });
    expect(await poll(device)).toBeUndefined();
    expect(device.sink.puts.filter(({ series }) => series.metric === "uptime_seconds").map(({ value }) => value)).toEqual([1]);
    expect(device.sink.malformations.some((what) => what.includes(`127.0.0.1:${stranger.address().port}, which was not asked`))).toBe(true);
  });
});

describe("an authPriv session", () => {
  it("refuses a plaintext answer with the right id", async () => {
    const { port, requests } = await respond((request) => {
      const first = requests.length === 1;
      // The engine's report first, as discovery wants it; then a forged value in the clear.
      const variables = first ? [variable("1.3.6.1.6.3.15.1.1.4.0", int(1, 0x41))] : [variable(upTime, ticks(66_600))];
      return plainSecure({ id: request.id, flags: 0, tag: first ? 0xa8 : 0xa2, variables });
    });
    const device = poller({ port, ...quick, ...secure });
    const error = await failure(device);
    expect(requests.length).toBeGreaterThan(1);
    expect(error.message).toContain("without the authentication or privacy that was asked for");
    expect(device.sink.puts).toEqual([]);
    expect(device.sink.malformations.length).toBeGreaterThan(0);
  });
});

describe("a device that is partly broken", () => {
  it("one variable that nobody can decode leaves the others", async () => {
    const { port } = await respond((request) =>
      answer(request, { [upTime]: ticks(100), "1.3.6.1.2.1.25.1.5.0": tlv(0x47, Buffer.from([1])), "1.3.6.1.2.1.25.1.6.0": int(97) }),
    );
    const device = poller({ port, ...quick, profile: ["system", "host-resources"] });
    expect(await poll(device)).toBeUndefined();
    expect(device.sink.latest("uptime_seconds")?.value).toBe(1);
    expect(device.sink.latest("host_processes")?.value).toBe(97);
    expect(device.sink.latest("host_users")?.quality).toBe(Q.BadDecodingError);
  });

  it("tables that loop end, and leave the scalars", async () => {
    const { port, requests } = await respond((request) => {
      if (request.tag === 0xa0) return answer(request, { [upTime]: ticks(100) });
      return response({
        id: request.id,
        variables: request.oids.map((oid) => variable(`${oid.split(".").slice(0, 10).join(".")}.1`, int(1))),
      });
    });
    const device = poller({ port, ...quick, profile: ["system", "if-mib"] });
    expect(await poll(device)).toBeUndefined();
    expect(device.sink.latest("uptime_seconds")?.value).toBe(1);
    expect(device.sink.malformations.some((what) => what.includes("does not follow"))).toBe(true);
    expect(requests.length).toBeLessThan(20);
  });

  it("tables that are not answered leave the scalars, and are given up after two", async () => {
    const { port, requests } = await respond((request) => (request.tag === 0xa0 ? answer(request, { [upTime]: ticks(100) }) : undefined));
    const device = poller({ port, ...quick, profile: ["system", "host-resources", "if-mib"] });
    expect(await poll(device)).toBeUndefined();
    expect(device.sink.latest("uptime_seconds")?.value).toBe(1);
    expect(requests.filter(({ tag }) => tag === 0xa5).length).toBe(4);
  });

  it("says tooBig, and is asked for less", async () => {
    const { port } = await respond((request) => {
      if (request.oids.length > 2) return response({ id: request.id, status: 1, variables: [] });
      return answer(request, { [upTime]: ticks(100), "1.3.6.1.2.1.25.1.6.0": int(97) });
    });
    const device = poller({ port, ...quick, profile: ["system", "host-resources"] });
    expect(await poll(device)).toBeUndefined();
    expect(device.sink.latest("host_processes")?.value).toBe(97);
  });

  it("has lost a scalar: Bad, and not silently the last value", async () => {
    const processes = new Map([["1.3.6.1.2.1.25.1.6.0", int(97)]]);
    const { port } = await respond((request) => answer(request, { [upTime]: ticks(100), ...Object.fromEntries(processes) }));
    const device = poller({ port, ...quick, profile: "host-resources" });
    await poll(device);
    processes.clear();
    await poll(device);
    expect(device.sink.latest("host_processes")?.quality).toBe(Q.BadNotFound);
    expect(device.sink.latest("host_users")).toBeUndefined();
  });

  it("an empty device is polled without readings, and matched by nothing as auto", async () => {
    const { port } = await respond((request) =>
      response({ id: request.id, variables: request.oids.map((oid) => variable(oid, endOfMib)) }),
    );
    expect(await poll(poller({ port, ...quick, profile: ["if-mib"] }))).toBeUndefined();
    const error = await failure(poller({ port, ...quick, profile: "auto" }));
    expect(error.fault).toBe("config");
    expect(error.message).toContain("no profile matches");
  });
});
