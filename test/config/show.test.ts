import { describe, expect, test } from "vitest";
import { sameValue } from "../../config/diff.ts";
import { readConfigFiles } from "../../config/files.ts";
import { parseConfig } from "../../config/load.ts";
import { showConfig } from "../../config/show.ts";
import { caseProfiles } from "./shipped.ts";

const parse = (text: string) => parseConfig({ directory: "/etc/mw", files: [{ file: "x.yaml", text }] }, caseProfiles).config;
const good = new URL("./good/", import.meta.url).pathname;

describe("the effective config", () => {
  test("has defaults, readable durations and sizes, absolute paths and no secret", () => {
    const text = showConfig(
      parse(`
agent: { name: a }
assets: { s: { snmp: { host: h, community: file:hunter2, every: 90s } }, t: { labels: { t: x } } }
services: { p: { needs: ["1 of {t=x}", { asset: s, worst: major }], slo: 99.9%, cost_per_hour: 40 EUR } }
`),
    );
    expect(text).toContain("max_size: 2GiB");
    expect(text).toContain("dir: /etc/mw/var/spool");
    expect(text).toContain("community: <secret>");
    expect(text).toContain("every: 1m30s");
    expect(text).toContain("- 1 of {t=x}\n      - asset: s\n        worst: major");
    expect(text).toContain("slo: 99.9%\n    cost_per_hour: 40 EUR");
    expect(text).not.toContain("hunter2");
  });

  // Read again, it is the same config, but for the secrets, which it does not hold.
  test.each([
    "alarms.yaml",
    "anchors.yaml",
    "empty.yaml",
    "folder",
    "needs.yaml",
    "odd.yaml",
    "rest.yaml",
    "sources.yaml",
  ])("%s comes back", (name) => {
    const before = parseConfig(readConfigFiles(`${good}${name}`), caseProfiles).config;
    const after = parse(showConfig(before).replaceAll("<secret>", "env:X"));
    const blank = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    expect(blank({ ...after, directory: "" })).toEqual(blank({ ...before, directory: "" }));
    expect(sameValue({ ...after }, { ...after })).toBe(true);
  });
});
