import { describe, expect, it } from "vitest";
import { compileProfile } from "../../../../adapters/sources/snmp/compile.ts";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { Device } from "../../../../adapters/sources/snmp/device.ts";
import { decodeOid } from "../../../../adapters/sources/snmp/oid.ts";
import { withIntervals } from "../../../../adapters/sources/snmp/overrides.ts";
import type { Requests } from "../../../../adapters/sources/snmp/requests.ts";
import { snmpProfile } from "../../../../config/snmp.ts";
import type { Clock } from "../../../../core/clock.ts";
import { SourceError } from "../../../../core/errors.ts";
import { silentLog } from "../../../../core/log.ts";
import { Q } from "../../../../core/quality.ts";
import { RecordingSink } from "../contract.ts";
import { answerOf } from "./ber.ts";

const everyMs = 10_000;
const rows = (n: number): string => `1.3.6.1.4.1.${n}.1`;
const table = (n: number, over: object = {}) => ({
  rows: rows(n),
  labels: { row: "index" },
  metrics: [{ metric: `metric_${n}`, column: 1 }],
  ...over,
});

/** A device with tables 1, 2 and 3 of one row each; every walk takes `walkMs` of its time. */
function device(over: { readonly walkMs?: number; readonly tables?: readonly object[] } = {}) {
  let mono = 0;
  let alive = true;
  const clock: Clock = { now: () => 1e12 + mono, monotonic: () => mono, after: () => () => {} };
  const sink = new RecordingSink();
  const walked: string[] = [];
  const requests: Requests = {
    get: async (oids) => {
      if (!alive) throw new SourceError("timeout", "device: no answer");
      return oids.map((oid): Varbind => ({ oid, type: 0x43, value: mono / 10 }));
    },
    getNext: () => Promise.reject(new Error("not asked")),
    getBulk: async ([name]) => {
      const asked = name === undefined ? "" : (decodeOid(name.bytes, name.start, name.end) ?? "");
      mono += over.walkMs ?? 0;
      if (asked.endsWith(".7")) return answerOf([{ oid: asked, type: 130, value: null }]);
      walked.push(asked.slice(0, -2));
      return answerOf([{ oid: `${asked}.7`, type: 2, value: 42 }]);
    },
  };
  const profile = snmpProfile.parse({ profile: "test", source: "test", table: over.tables ?? [table(1), table(2), table(3)] });
  const plan = withIntervals(compileProfile(profile), { [rows(3)]: { every: 40_000 } });
  const context = { asset: "a", everyMs, sink, clock, log: silentLog };
  const made = new Device({ target: "device", context, named: [plan], choices: undefined });
  return {
    sink,
    /** Which tables a round walked, by number. */
    async round() {
      const began = mono;
      walked.length = 0;
      const failed = await made.round(requests).then(
        () => false,
        () => true,
      );
      mono = Math.max(mono, began + everyMs);
      return failed ? "failed" : [...new Set(walked.map((oid) => Number(oid.split(".")[6])))];
    },
    die: (dead: boolean) => {
      alive = !dead;
    },
  };
}

describe("a table's interval", () => {
  it("may be longer than its device's, by its profile or by the asset", async () => {
    const { round, sink } = device({ tables: [table(1), table(2, { every: "20s" }), table(3)] });
    expect(await round()).toEqual([1, 2, 3]);
    expect(await round()).toEqual([1]);
    expect(await round()).toEqual([1, 2]);
    expect(await round()).toEqual([1]);
    expect(await round()).toEqual([1, 2, 3]);
    const intervals = new Map(sink.puts.map(({ series }) => [series.metric, series.everyMs]));
    expect(intervals).toEqual(
      new Map([
        ["metric_1", 10_000],
        ["metric_2", 20_000],
        ["metric_3", 40_000],
      ]),
    );
  });

  it("does not keep it Bad after its device was away", async () => {
    const { round, die } = device();
    await round();
    die(true);
    expect(await round()).toBe("failed");
    die(false);
    expect(await round()).toEqual([1, 2, 3]);
  });
});

describe("a device that needs more time than it has", () => {
  it("keeps what was read, says of the rest that it timed out, and begins with the rest the next time", async () => {
    const { round, sink } = device({ walkMs: 3000, tables: [table(1), table(2), table(4)] });
    expect(await round()).toEqual([1, 2]);
    expect(await round()).toEqual([4, 1]);
    const told = sink.puts.map(({ series, quality }) => `${series.metric} ${quality === Q.Good ? "good" : "bad"}`);
    expect(told).toEqual(["metric_1 good", "metric_2 good", "metric_4 good", "metric_1 good", "metric_2 bad"]);
  });

  it("is not held up by one table that takes it all", async () => {
    const { round } = device({ walkMs: 9500, tables: [table(1), table(2)] });
    expect(await round()).toEqual([1]);
    expect(await round()).toEqual([2]);
    expect(await round()).toEqual([1]);
  });
});
