import { describe, expect, test } from "vitest";
import { encodeOid } from "../../../../../adapters/sources/snmp/oid.ts";
import { TrapBook } from "../../../../../adapters/sources/snmp/traps/book.ts";
import { loadTrapProfiles } from "../../../../../config/trap-profile.ts";

const book = new TrapBook(loadTrapProfiles());
const list = { bytes: encodeOid("1.3"), start: 0, end: 0 };

function meaning(oid: string, values: Readonly<Record<string, number | string>> = {}): ReturnType<TrapBook["meaningOf"]> {
  const varbinds = Object.entries(values).map(([name, value]) =>
    typeof value === "number" ? { oid: name, type: 2, value } : { oid: name, type: 4, value: Buffer.from(value) },
  );
  return book.meaningOf({ oid, confirmed: false, id: 1, varbinds, list });
}

describe("what a notification means", () => {
  test.each([
    ["1.3.6.1.6.3.1.1.5.1", {}, "coldStart", "warning", "restarted; its configuration may have changed"],
    [
      "1.3.6.1.6.3.1.1.5.4",
      { "1.3.6.1.2.1.31.1.1.1.1.7": "Gi1/0/7", "1.3.6.1.2.1.2.2.1.2.7": "port 7" },
      "linkUp",
      "ok",
      "interface Gi1/0/7 came up",
    ],
    ["1.3.6.1.6.3.1.1.5.3", {}, "linkDown", "warning", "interface ? went down"],
    [
      "1.3.6.1.4.1.9.9.13.3.0.4",
      { "1.3.6.1.4.1.9.9.13.1.4.1.2.1": "Fan 1", "1.3.6.1.4.1.9.9.13.1.4.1.3.1": 3 },
      "ciscoEnvMonFanNotification",
      "critical",
      "fan Fan 1 is critical",
    ],
    [
      "1.3.6.1.4.1.232.0.3046",
      { "1.3.6.1.4.1.232.3.2.5.1.1.6.0.1": 4 },
      "cpqDa7PhyDrvStatusChange",
      "major",
      "a disk is predictiveFailure",
    ],
    ["1.3.6.1.4.1.232.0.3046", { "1.3.6.1.4.1.232.3.2.5.1.1.6.0.1": 77 }, "cpqDa7PhyDrvStatusChange", "warning", "a disk is 77"],
  ])("%s %o", (oid, values, name, level, text) => {
    expect(meaning(oid, values)).toMatchObject({ name, level, text, origin: oid });
  });

  test("with and without the 0 that v1 drops or gains", () => {
    expect(meaning("1.3.6.1.2.1.33.2.0.3").name).toBe("upsTrapAlarmEntryAdded");
    expect(meaning("1.3.6.1.2.1.33.2.3").name).toBe("upsTrapAlarmEntryAdded");
    expect(meaning("1.3.6.1.4.1.318.5").name).toBe("upsOnBattery");
  });

  test("one that nobody knows is told by its numbers, cut to what an event holds", () => {
    const told = meaning("1.3.6.1.4.1.99999.0.1", { "1.3.6.1.4.1.99999.1.0": "x".repeat(5000), "1.3.6.1.4.1.99999.2.0": "\u202e<b>" });
    expect(told).toMatchObject({ name: "1.3.6.1.4.1.99999.0.1", level: "unknown", labels: {} });
    expect(told.values["1.3.6.1.4.1.99999.1.0"]).toHaveLength(255);
    expect(told.text.length).toBeLessThanOrEqual(1000);
  });

  test("two variables of one name keep both, and names that JavaScript knows are names", () => {
    const told = meaning("1.3.6.1.6.3.1.1.5.3", {
      "1.3.6.1.2.1.2.2.1.1.1": 1,
      "1.3.6.1.2.1.2.2.1.1.2": 2,
      "1.3.6.1.2.1.2.2.1.7.1": "constructor",
    });
    expect(told.values).toEqual({ ifIndex: "1", "1.3.6.1.2.1.2.2.1.1.2": "2", ifAdminStatus: "constructor" });
    expect(told.level).toBe("warning");
  });
});

test("every profile has a source, and no notification or variable stands twice", () => {
  const profiles = loadTrapProfiles();
  const oids = profiles.flatMap(({ notifications }) => notifications.map(({ oid }) => oid));
  expect(new Set(oids).size).toBe(oids.length);
  expect(profiles.map(({ profile }) => profile)).toEqual(["apc", "cisco", "servers", "standard", "ups-rfc1628"]);
  for (const { source } of profiles) expect(source).toMatch(/MIB/);
});
