import { createSocket } from "node:dgram";
import { describe, expect, it } from "vitest";
import { createSnmpAdapter } from "../../../../adapters/sources/snmp/source.ts";
import { snmpConfig } from "../../../../config/assets.ts";
import { systemClock } from "../../../../core/clock.ts";
import { type Log, silentLog } from "../../../../core/log.ts";
import { Q } from "../../../../core/quality.ts";
import { freeUdpPort } from "../../../peers/port.ts";
import { RecordingSink } from "../contract.ts";
import { int, plainSecure, response, tlv, variable } from "./ber.ts";
import type { Request, Responder } from "./responder.ts";
import { poller, respond, running } from "./running.ts";
import { poll, type Subject } from "./setup.ts";

const upTime = "1.3.6.1.2.1.1.3.0";
const quick = { timeout: "100ms", retries: 1, profile: "system" };
const noSuchObject = tlv(0x80);

function answer(request: Request, hundredths: number): Buffer {
  const variables = request.oids.map((oid) => variable(oid, oid === upTime ? int(hundredths, 0x43) : noSuchObject));
  return response({ version: request.version, id: request.id, variables });
}

const upTimes = ({ sink }: Subject): number[] =>
  sink.puts.filter(({ series }) => series.metric === "uptime_seconds").map(({ value }) => value);

describe("a network that loses and delays", () => {
  it("three requests of ten are lost: sent again, and no round fails", async () => {
    let seen = 0;
    const { port, requests } = await respond((request) => (seen++ % 10 < 7 ? answer(request, seen * 100) : undefined));
    const device = poller({ port, ...quick, retries: 5 });
    for (let round = 0; round < 12; round++) expect(await poll(device)).toBeUndefined();
    expect(requests.length).toBeGreaterThan(upTimes(device).length);
    expect(upTimes(device)).toHaveLength(12);
    expect(device.sink.malformations).toEqual([]);
  });

  it("every answer comes twice: the second is dropped, and counts for nothing", async () => {
    const { port } = await respond((request, socket) => {
      const bytes = answer(request, 4200);
      socket.send(bytes, request.from.port, request.from.address);
      return bytes;
    });
    const device = poller({ port, ...quick });
    for (let round = 0; round < 3; round++) expect(await poll(device)).toBeUndefined();
    expect(upTimes(device)).toEqual([42, 42, 42]);
    expect(device.sink.malformations).toEqual([]);
  });

  it("an answer after the time-out is no answer to the next round's request", async () => {
    const late: Request[] = [];
    let answers = false as boolean;
    const { port } = await respond((request, socket) => {
      if (!answers) {
        late.push(request);
        return undefined;
      }
      for (const old of late.splice(0)) socket.send(answer(old, 66_600), old.from.port, old.from.address);
      return answer(request, 100);
    });
    const device = poller({ port, ...quick });
    expect(await poll(device)).toMatchObject({ fault: "timeout", quality: Q.BadTimeout });
    expect(late.length).toBeGreaterThan(0);
    answers = true;
    expect(await poll(device)).toBeUndefined();
    expect(new Set(upTimes(device))).toEqual(new Set([1]));
  });

  it("answers that only ever come from another address: refused by name, and a neighbour is read meanwhile", async () => {
    const stranger = createSocket("udp4");
    await new Promise<void>((resolve) => stranger.bind(0, "127.0.0.1", resolve));
    running.push({ stop: () => new Promise((resolve) => stranger.close(() => resolve())) });
    const { port } = await respond((request) => {
      stranger.send(answer(request, 66_600), request.from.port, request.from.address);
      return undefined;
    });
    const neighbour = await respond((request) => answer(request, 100));
    const [device, other] = [poller({ port, ...quick }), poller({ port: neighbour.port, ...quick })];
    const round = poll(device);
    expect(await poll(other)).toBeUndefined();
    expect(await round).toMatchObject({ fault: "malformed" });
    expect(String(await round)).toContain(`127.0.0.1:${stranger.address().port}, which was not asked`);
    expect(upTimes(device)).toEqual([]);
  });

  it("60,000 bytes that are no message: a named reason", async () => {
    const { port } = await respond(() => Buffer.alloc(60_000, 0x30));
    const device = poller({ port, ...quick });
    const error = await poll(device);
    expect(error).toMatchObject({ fault: "malformed" });
    expect(String(error)).toContain("60000 bytes that are not an SNMP message");
  });
});

describe("two devices with one engine id", () => {
  it("are named: the second in the log, beside the first", async () => {
    const told: unknown[] = [];
    const log: Log = { ...silentLog, warn: (...said: unknown[]) => told.push(said) };
    const clock = systemClock();
    const adapter = createSnmpAdapter({ log, clock });
    running.push({ stop: () => adapter.close() });
    // The first answer names the engine, as a report; what is asked then is answered in the clear, to a user without keys.
    const engine = (): Promise<Responder> => {
      const met = new Set<number>();
      return respond((request) => {
        met.add(request.id);
        const isFirst = met.size === 1;
        const variables = [isFirst ? variable("1.3.6.1.6.3.15.1.1.4.0", int(1, 0x41)) : variable(upTime, int(100, 0x43))];
        return plainSecure({ id: request.id, flags: 0, tag: isFirst ? 0xa8 : 0xa2, variables });
      });
    };
    const [first, second] = [await engine(), await engine()];
    for (const [i, { port }] of [first, second].entries()) {
      const spec = snmpConfig.parse({ host: "127.0.0.1", port, version: 3, user: "sha256aes", ...quick });
      const source = adapter.source(spec, { asset: `twin-${i + 1}`, everyMs: 30_000, sink: new RecordingSink(), clock, log });
      if (source.mode !== "poll") throw new Error("SNMP is polled");
      running.push({ stop: () => source.close() });
      await source.poll(AbortSignal.timeout(5000)).catch(() => {});
    }
    expect(told).toEqual([
      [
        expect.objectContaining({ asset: "twin-2", target: `127.0.0.1:${second.port}`, other: `127.0.0.1:${first.port}` }),
        "two devices with one engine id",
      ],
    ]);
  });
});

describe("nobody there", () => {
  it("is Bad within one round, and its neighbour is not late for it", async () => {
    const alive = await respond((request) => answer(request, 100));
    const [dead, other] = [poller({ port: await freeUdpPort(), ...quick }), poller({ port: alive.port, ...quick })];
    const ended: string[] = [];
    await Promise.all([poll(dead).then(() => ended.push("dead")), poll(other).then(() => ended.push("alive"))]);
    expect(ended).toEqual(["alive", "dead"]);
  });
});
