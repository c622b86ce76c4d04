import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../cli/program.ts";
import { registerRules } from "../../cli/rules.ts";
import { capturedIo } from "./captured-io.ts";

const sample = new URL("../../config/examples/rules-tests/bottling.yaml", import.meta.url).pathname;
const plant = new URL("../../config/examples/plant.yaml", import.meta.url).pathname;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millwright-rules-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `rules test` on a file with these tests against the shipped plant. */
async function rulesTest(tests: string, ...more: string[]): Promise<{ code: number; out: string; err: string }> {
  const path = join(folder, "t.yaml");
  writeFileSync(path, `config: ${plant}\ntests:\n${tests}`);
  return await millwright(path, ...more);
}

async function millwright(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(["rules", "test", ...args], io, { rules: () => Promise.resolve(registerRules) });
  return { code, out: io.out(), err: io.err().replaceAll(`${folder}/`, "") };
}

describe("the sample", () => {
  it("passes, and says so", async () => {
    const { code, out, err } = await millwright(sample);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe(`${sample}
  ok   filler-31 critical, filler-32 ok, filler-33 unknown
  ok   one filler is spare, but not its bottles
  ok   the MES carries the line
  ok   a hot bearing is a warning after 30 s and critical after 10 s, with a dead band
  ok   fillers behind a switch that is gone are unknown, then the switch alone is to blame
  ok   no word of the air for a minute
  ok   the plant's duty is told of a dead UPS once, and of its end
  ok   who has a dead UPS in hand, and is not asked about it twice
  ok   a hot bearing that somebody has seen and then shelved

9 tests passed
`);
  });
});

describe("limits and meanings of devices", () => {
  it("are what a story says of its readings", async () => {
    const config = join(folder, "device.yaml");
    const snmp = "snmp: { host: 127.0.0.1, community: env:C, profile: auto }";
    writeFileSync(
      config,
      `assets: { srv: { labels: { type: server }, ${snmp} } }\nalarms: { hw: { on: { type: server }, from_device: { for: 10s } } }\n`,
    );
    const { code, out } = await rulesTest(
      `  - name: a hot inlet and a failed fan
    readings:
      - { series: "srv temperature_celsius", unit: Cel, limits: { high_warning: 35, high_critical: 45 }, values: "30 40x2 50x2" }
      - { series: "srv fan_status", states: { 1: ok, 2: failed, 3: absent }, meanings: { 2: critical, 3: unknown }, values: "ok failed failed absent ok" }
    expect:
      - { at: 15s, alarms: [{ alarm: hw, state: pending }, { alarm: hw, state: pending }] }
      - { at: 35s, alarms: [{ alarm: hw, level: critical }, { alarm: hw, level: warning }] }
      - { at: 45s, alarms: [{ alarm: hw, level: warning }] }
      - { at: 55s, alarms: [{ alarm: hw, asset: srv, level: critical }] }
`,
      "--config",
      config,
    );
    expect([code, out]).toEqual([0, expect.stringContaining("1 test passed")]);
  });
});

describe("a test that fails", () => {
  it("says what was expected and what was found, and ends with 1", async () => {
    const { code, out } = await rulesTest(`  - name: too kind
    given: { filler-31: critical, filler-32: unknown }
    expect: { bottling-line-3: warning, mes: { level: ok, causes: [ups-1], why: nothing } }
  - { given: {}, expect: { mes: ok } }
`);
    expect(code).toBe(1);
    expect(out.slice(out.indexOf("\n") + 1)).toBe(`  FAIL too kind (line 3)
       service bottling-line-3
         expected warning
         found    unknown, warning..critical
       service mes: causes
         expected ups-1
         found    none
       service mes: why
         expected ...nothing...
         found    MES has all it needs
  ok   all ok

1 of 2 tests failed
`);
  });

  it.each<{ what: string; expect: string; differences: object[] }>([
    {
      what: "an alarm that is missing, and one that nobody expects",
      expect: "{ at: 20s, alarms: [{ alarm: link-busy }] }",
      differences: [
        {
          what: "at 20s: alarms",
          expected: "link-busy",
          found: "bearing-hot (filler-31 temperature_celsius{sensor=bearing}) critical active unacknowledged",
        },
      ],
    },
    {
      what: "an asset and a service at their time",
      expect: "{ at: 20s, assets: { filler-31: ok }, services: { bottling-line-3: ok, mes: ok..major } }",
      differences: [
        { what: "at 20s: service bottling-line-3", expected: "ok", found: "warning" },
        { what: "at 20s: service mes", expected: "ok..major", found: "ok" },
        { what: "at 20s: asset filler-31", expected: "ok", found: "critical" },
      ],
    },
    { what: "nothing before the on-delay has run out", expect: "{ at: 10s, assets: { filler-31: ok }, alarms: [] }", differences: [] },
    {
      what: "a level that is not the alarm's",
      expect: "{ at: 20s, alarms: [{ alarm: bearing-hot, labels: { sensor: bearing }, level: warning }] }",
      differences: [{ expected: "bearing-hot (sensor=bearing) warning" }],
    },
    {
      what: "an alarm that is seen otherwise",
      expect: "{ at: 20s, alarms: [{ alarm: bearing-hot, isa: acknowledged }] }",
      differences: [{ expected: "bearing-hot acknowledged", found: expect.stringContaining("unacknowledged") }],
    },
    {
      what: "news that are missing, and others that nobody expects",
      expect: "{ at: 20s, notifications: [{ to: plant-duty, kind: opened, level: major, causes: [ups-1], services: [mes], at: 10s }] }",
      differences: [
        {
          what: "at 20s: notifications",
          expected: "plant-duty opened major by ups-1 (mes) at 10s",
          found: "none",
        },
      ],
    },
  ])("tells of $what", async ({ expect: moment, differences }) => {
    const { out } = await rulesTest(
      `  - readings: [{ series: "filler-31 temperature_celsius{sensor=bearing}", values: "60 90x9" }]\n    expect: [${moment}]\n`,
      "--format",
      "json",
    );
    const { results } = JSON.parse(out);
    expect(results).toMatchObject([{ line: 3, ok: differences.length === 0, differences }]);
    expect(results[0].differences).toHaveLength(differences.length);
  });
});

describe("a file that cannot be used ends with 78, each fault with its place", () => {
  it.each<{ tests: string; fault: string }>([
    {
      tests: "  - { given: { filler-13: ok }, expect: { mes: ok } }",
      fault: 't.yaml:3:16: tests[0].given.filler-13: "filler-13" is not a known asset',
    },
    { tests: "  - { given: {}, expect: { mse: ok } }", fault: 'tests[0].expect.mse: "mse" is not a known service (did you mean mes?)' },
    { tests: "  - { given: { ups-1: broken }, expect: { mes: ok } }", fault: 'tests[0].given.ups-1: "broken" is not one of ok, warning,' },
    { tests: "  - { given: {}, expect: { mes: bad } }", fault: 'tests[0].expect.mes: "bad" is not a level such as critical' },
    { tests: "  - { given: {}, expect: { mes: critical..ok } }", fault: '"critical..ok" is not a level such as critical' },
    { tests: "  - { given: {}, expect: { mes: ok, bottling-line-3: ok, causes: [ups-1] } }", fault: "says whose causes? 2 services" },
    {
      tests: "  - { levels: { ups-1: ok brken }, expect: [{ at: 1s }] }",
      fault: '"brken" is not one of ok, warning, major, critical, unknown, _',
    },
    { tests: "  - { levels: { ups-1: ok }, expect: [{ at: soon }] }", fault: '"soon" is not a duration' },
    { tests: '  - { readings: [{ series: "ups-1", values: 1 }], expect: [{ at: 1s }] }', fault: '"ups-1" is not a series such as' },
    { tests: '  - { readings: [{ series: "ups-1 m{a}", values: 1 }], expect: [{ at: 1s }] }', fault: '"ups-1 m{a}" is not a series' },
    {
      tests: '  - { readings: [{ series: "ups-1 m", values: "1 up" }], expect: [{ at: 1s }] }',
      fault: '"up" is no number, and not one of `states`',
    },
    {
      tests: '  - { readings: [{ series: "ups-1 m", values: "1+2" }], expect: [{ at: 1s }] }',
      fault: '"1+2" rises how often? Such as 1+2x5',
    },
    { tests: '  - { readings: [{ series: "ups-1 m", values: "1,5" }], expect: [{ at: 1s }] }', fault: '"1,5" is not a value such as' },
    { tests: '  - { readings: [{ series: "ups-1 m", values: "1x9999999" }], expect: [{ at: 1s }] }', fault: "has more than 604800 values" },
    {
      tests: "  - { levels: {}, expect: [{ at: 1s, notifications: [{ to: plant-duti }] }] }",
      fault: 't.yaml:3:60: tests[0].expect[0].notifications[0].to: "plant-duti" is not a known channel (did you mean plant-duty?)',
    },
    {
      tests: "  - { levels: {}, expect: [{ at: 1s, notifications: [{ to: plant-duty, causes: [ups-2] }] }] }",
      fault: '"ups-2" is not a known asset (did you mean ups-1?)',
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: shelf, alarm: bearing-hot }], expect: [{ at: 1s }] }",
      fault: 'tests[0].acts[0].act: "shelf" is not one of ack,',
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: shelve, alarm: bearing-hot }], expect: [{ at: 1s }] }",
      fault: "a shelf has to end: give it `for`, such as 10m",
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: ack, alarm: bearing-hot, for: 1m }], expect: [{ at: 1s }] }",
      fault: "tests[0].acts[0].for: only a shelf has a length",
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: ack, alarm: bearing-hot, asset: filler-13 }], expect: [{ at: 1s }] }",
      fault: '"filler-13" is not a known asset',
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: ack }], expect: [{ at: 1s }] }",
      fault: "tests[0].acts[0].act: to what? name an `alarm` or an `incident`",
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: shelve, for: 1m, incident: {} }], expect: [{ at: 1s }] }",
      fault: "tests[0].acts[0].act: shelve is for alarms: all that can be done to an incident is ack",
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: ack, alarm: bearing-hot, incident: {} }], expect: [{ at: 1s }] }",
      fault: "tests[0].acts[0].alarm: is of alarms: an act is on alarms or on an incident",
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: ack, alarm: bearing-hot, alarms: true }], expect: [{ at: 1s }] }",
      fault: "tests[0].acts[0].alarms: goes with an `incident`",
    },
    {
      tests: "  - { levels: {}, acts: [{ at: 1s, act: ack, incident: { cause: ups-2 } }], expect: [{ at: 1s }] }",
      fault: 'tests[0].acts[0].incident.cause: "ups-2" is not a known asset (did you mean ups-1?)',
    },
    {
      tests: "  - { levels: {}, expect: [{ at: 1s, incidents: [{ service: mse }] }] }",
      fault: 'tests[0].expect[0].incidents[0].service: "mse" is not a known service (did you mean mes?)',
    },
    { tests: "  - { levels: {}, expect: [] }", fault: "has 0 items, expected at least 1" },
    {
      tests: "  - { levels: {}, expect: [{ at: 1s, alarms: [{ alarm: bearing-cold }] }] }",
      fault: '"bearing-cold" is not a known alarm (did you mean bearing-hot?)',
    },
  ])("$fault", async ({ tests, fault }) => {
    const { code, err } = await rulesTest(`${tests}\n`);
    expect(err).toContain(fault);
    expect(code).toBe(78);
  });

  it("also where there is none, or no config; the other files still run", async () => {
    const { code, err, out } = await millwright(sample, join(folder, "none.yaml"));
    expect([code, out.includes("9 tests passed")]).toEqual([78, true]);
    expect(err).toContain("none.yaml: cannot be read");
    expect((await rulesTest("  - { given: {}, expect: {} }\n", "--config", join(folder, "gone"))).code).toBe(78);
  });
});

describe("states and sources over time", () => {
  it("plays names of states, Bad readings, and assets that fall silent", async () => {
    const { code, out } = await rulesTest(`  - every: 5s
    readings:
      - { series: 'core-sw-1 if_oper_status{if_name="Gi1/0/1"}', states: { 1: up, 2: down }, values: "up down down bad up" }
    levels: { ups-1: "ok _ warning critical ok", mes-server: "ok unknown" }
    expect:
      - { at: 5s, services: { mes: ok..critical } }
      - { at: 10s, alarms: [{ alarm: uplink-down }], services: { mes: warning..critical } }
      - { at: 15s, alarms: [{ alarm: uplink-down }], services: { mes: critical } }
      - { at: 20s, alarms: [], services: { mes: unknown } }
      - { at: 5m, services: { mes: { level: critical, causes: [mes-server] } } }
`);
    expect(out).toContain("1 test passed");
    expect(code).toBe(0);
  });

  it("plays maintenance by the story's own date", async () => {
    const { out } = await rulesTest(`  - start: 2026-12-01T21:30:00+01:00
    levels: { filler-31: critical, filler-32: critical }
    expect:
      - { at: 1m, services: { bottling-line-3: { level: critical, why: "Filler 31 is so by the test" } } }
      - { at: 1h, services: { bottling-line-3: { why: "in maintenance: gearbox" } } }
`);
    expect(out).toContain("1 test passed");
  });
});

describe("people", () => {
  const hot = 'readings: [{ series: "filler-31 temperature_celsius{sensor=bearing}", values: "60 90x29" }]';

  it("act on alarms; what is not possible is a difference", async () => {
    const { out } = await rulesTest(
      `  - ${hot}
    acts:
      - { at: 5s, act: ack, alarm: bearing-hot }
      - { at: 40s, act: unshelve, alarm: bearing-hot }
      - { at: 50s, act: out-of-service, alarm: bearing-hot }
    expect: [{ at: 1m, alarms: [{ alarm: bearing-hot, isa: out-of-service }] }]
`,
      "--format",
      "json",
    );
    expect(JSON.parse(out).results[0].differences).toEqual([
      { what: "at 5s: ack bearing-hot", expected: "an alarm to do it to", found: "bearing-hot is normal" },
      { what: "at 40s: unshelve bearing-hot", expected: "to be possible", found: expect.stringContaining("it is not shelved") },
    ]);
  });

  it("take an incident in hand: it is neither repeated nor escalated until it gets worse, and its alarms are seen", async () => {
    const config = join(folder, "ack.yaml");
    writeFileSync(
      config,
      `assets: { a: {}, b: {} }
alarms: { hot: { asset: a, metric: temperature_celsius, major: { above: 80 }, critical: { above: 90 } } }
services: { line: { needs: [asset a] }, spare: { needs: [asset b] } }
notify:
  routes: [{ level: major, group: 0s, repeat: 1m, to: [duty], escalate: [{ after: 3m, to: [boss] }] }]
  channels: { duty: { webhook: { url: "https://x.example" } }, boss: { webhook: { url: "https://x.example" } } }
`,
    );
    const { out } = await rulesTest(
      `  - name: in hand
    every: 10s
    readings: [{ series: "a temperature_celsius", values: "60x2 85x30 95x6 60x5" }]
    acts: [{ at: 95s, act: ack, incident: { cause: a, service: line }, alarms: true }]
    expect:
      - { at: 90s, notifications: [{ to: duty, at: 30s, kind: opened }, { to: duty, at: 90s, kind: repeated }], incidents: [{ cause: a, acknowledged: false }] }
      - at: 5m
        notifications: []
        alarms: [{ alarm: hot, isa: acknowledged }]
        incidents: [{ service: line, level: major, acknowledged: true, planned: false, causes: [a], services: [line] }]
      - at: 6m
        notifications: [{ to: duty, at: 5m40s, kind: updated, level: critical }, { to: boss, kind: escalated }]
        incidents: [{ level: critical, acknowledged: false }]
      - { at: 7m, incidents: [{ cause: a, state: resolved, worst: critical }] }
`,
      "--config",
      config,
    );
    expect(out).toContain("1 test passed");
  });

  it("cannot take in hand what is not open; an incident that is not expected is a difference", async () => {
    const { out } = await rulesTest(
      `  - levels: { ups-1: "ok ok criticalx5" }
    acts: [{ at: 5s, act: ack, incident: { cause: ups-1 } }]
    expect: [{ at: 5s, incidents: [] }, { at: 40s, incidents: [{ cause: ups-1, level: warning }] }, { at: 50s, incidents: [] }]
`,
      "--format",
      "json",
    );
    const found = expect.stringMatching(/^open critical, worst critical, by ups-1 \(.*mes.*\), not acknowledged$/);
    expect(JSON.parse(out).results[0].differences).toEqual([
      { what: "at 5s: ack incident by ups-1", expected: "an open incident to do it to", found: "none" },
      { what: "at 40s: incidents", expected: "open warning by ups-1", found },
      { what: "at 50s: incidents", expected: "none", found },
    ]);
  });

  it("are told by routes, groups, repeats and quiet hours, and of nothing in maintenance", async () => {
    const config = join(folder, "told.yaml");
    writeFileSync(
      config,
      `assets: { a: {}, b: {} }
services: { line: { needs: [asset a] }, spare: { owner: it, needs: [{ asset: b, worst: warning }] } }
calendars: { night: { zone: UTC, open: ["Mon-Sun 22:00-06:00"] } }
maintenance: [{ asset: a, from: 2026-03-02T13:00:00, to: 2026-03-02T14:00:00, zone: UTC, why: belt }]
notify:
  routes:
    - { level: major, group: 30s, repeat: 10m, to: [duty], escalate: [{ after: 5m, to: [boss] }] }
    - { level: warning, services: { owner: it }, quiet: night, group: 0s, to: [desk] }
  channels: { duty: { webhook: { url: "https://x.example" } }, boss: { webhook: { url: "https://x.example" } }, desk: { webhook: { url: "https://x.example" } } }
`,
    );
    const { out } = await rulesTest(
      `  - name: by day
    start: 2026-03-02T12:00:00Z
    every: 1m
    levels: { a: "okx1 criticalx12 ok", b: "okx2 critical ok" }
    expect:
      - at: 12m
        notifications:
          - { to: duty, at: 2m30s, kind: opened, level: critical, causes: [a], services: [line] }
          - { to: desk, at: 3m, kind: opened, level: warning, causes: [b] }
          - { to: desk, at: 4m, kind: resolved, level: ok }
          - { to: boss, at: 7m30s, kind: escalated }
      - at: 16m
        notifications:
          - { to: duty, at: 12m30s, kind: repeated }
          - { to: duty, at: 15m, kind: resolved }
          - { to: boss, at: 15m, kind: resolved }
  - name: at night, and in maintenance
    start: 2026-03-02T23:00:00Z
    levels: { b: "ok criticalx30 ok" }
    expect: [{ at: 6m, notifications: [] }]
  - name: planned
    start: 2026-03-02T13:00:00Z
    levels: { a: "ok criticalx30 ok" }
    expect: [{ at: 6m, notifications: [] }]
`,
      "--config",
      config,
    );
    expect(out).toContain("3 tests passed");
  });
});
