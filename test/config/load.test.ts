import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigFaults, faultText } from "../../config/fault.ts";
import { readConfigFiles } from "../../config/files.ts";
import { type LoadedConfig, loadConfig, parseConfig } from "../../config/load.ts";
import { caseProfiles } from "./shipped.ts";

const cases = new URL(".", import.meta.url).pathname;
const namesIn = (folder: string): string[] => readdirSync(join(cases, folder)).filter((name) => !/\.(expected|warnings)$/.test(name));
const load = (path: string): LoadedConfig => parseConfig(readConfigFiles(path), caseProfiles);
const parse = (text: string): LoadedConfig => parseConfig({ directory: "/etc/mw", files: [{ file: "x.yaml", text }] }, caseProfiles);

function messagesOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigFaults) return error.message;
    throw error;
  }
  return "no faults";
}

describe("good configs load", () => {
  test.each(namesIn("good"))("%s", (name) => {
    const { warnings } = load(join(cases, "good", name));
    const expected = join(cases, "good", name.replace(/(\.yaml)?$/, ".warnings"));
    const text = warnings.map((warning) => `${faultText(warning).replace(join(cases, "good/"), "")}\n`).join("");
    expect(text).toBe(existsSync(expected) ? readFileSync(expected, "utf8") : "");
  });
});

describe("bad configs say all that is wrong, and where", () => {
  test.each(namesIn("bad"))("%s", (name) => {
    const found = messagesOf(() => load(join(cases, "bad", name))).replaceAll(join(cases, "bad/"), "");
    expect(`${found}\n`).toBe(readFileSync(join(cases, "bad", name.replace(/(\.yaml)?$/, ".expected")), "utf8"));
    // Every text in these cases that stands for a secret.
    expect(found).not.toMatch(/hunter2|31337/);
  });

  test("six faults at once", () => {
    expect(readFileSync(join(cases, "bad/six-at-once.expected"), "utf8").trim().split("\n")).toHaveLength(6);
  });
});

describe("the typed config", () => {
  test("has ms, bytes, parsed needs and defaults", () => {
    const { config } = parse(`
agent: { name: a, spool: { max_size: 1MiB } }
assets: { m: { labels: { line: 3 }, via: [m2, [m2, m3]], modbus: { tcp: h, profile: demo-filler, every: 1m30s } }, m2: {}, m3: {} }
services: { s: { needs: [m temperature_celsius < 80 for 2s, { of: "{line=3}", at_least: 50% }], slo: 99.5% } }
`);
    expect(config.agent?.spool.max_size).toBe(1024 ** 2);
    expect(config.assets["m"]).toMatchObject({
      labels: { line: "3" },
      via: [["m2"], ["m2", "m3"]],
      modbus: { every: 90_000, timeout: 2000 },
    });
    expect(config.services["s"]).toMatchObject({
      slo: { target: 0.995, level: "major", windowMs: 30 * 86_400_000, minScheduledMs: 300_000 },
      needs: [
        { kind: "metric", asset: "m", comparison: "<", value: 80, forMs: 2000, worst: "critical" },
        { kind: "members", members: { labels: { line: "3" } }, quorum: { percent: 50 }, minMembers: 1 },
      ],
    });
  });

  test("several files are one: lists one after the other, sections by id", () => {
    const { config } = load(join(cases, "good/folder"));
    expect(Object.keys(config.assets)).toEqual(["a", "b"]);
    expect(config.maintenance.map(({ why }) => why)).toEqual(["one", "two"]);
    expect(config.notify.routes).toHaveLength(1);
    expect(config.directory).toBe(resolve(cases, "good/folder"));
  });

  test("an alias bomb ends, and is named", () => {
    expect(messagesOf(() => load(join(cases, "bad/alias-bomb.yaml")))).toContain("aliases");
  });
});

describe("paths and secrets are relative to the config's folder", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mw-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("of a file and of a folder", () => {
    writeFileSync(
      join(folder, "plant.yaml"),
      `agent: { name: a, spool: { dir: ./q } }
collector: { store: { duckdb: { dir: /abs } } }
brokers: { b: { url: "mqtt://h", password: file:secret, ca: ca.pem } }
assets: { s: { snmp: { host: h, version: 3, user: u, auth: { sha256: file:secret }, privacy: { aes: file:nothing } } } }
`,
    );
    writeFileSync(join(folder, "secret"), "s3cret\n");
    for (const path of [folder, join(folder, "plant.yaml")]) {
      const config = loadConfig(path);
      expect(config.agent?.spool.dir).toBe(join(folder, "q"));
      expect(config.collector?.store.duckdb.dir).toBe("/abs");
      expect(config.brokers["b"]?.ca).toBe(join(folder, "ca.pem"));
      expect(config.brokers["b"]?.password?.reveal()).toBe("s3cret");
      const snmp = config.assets["s"]?.snmp;
      expect(snmp?.auth?.sha256?.reveal()).toBe("s3cret");
      expect(() => snmp?.privacy?.aes?.reveal()).toThrow(/secret file:nothing: .* cannot be read/);
      expect(JSON.stringify(config)).not.toContain("s3cret");
    }
  });

  test("files that cannot be read", () => {
    expect(messagesOf(() => loadConfig(join(folder, "nope.yaml")))).toBe(`${folder}/nope.yaml: there is no such file or folder`);
    expect(messagesOf(() => loadConfig(folder))).toBe(`${folder}: a folder without *.yaml or *.yml files`);
    writeFileSync(join(folder, "bytes.yaml"), Buffer.from([0x61, 0x3a, 0xff, 0xfe]));
    expect(messagesOf(() => loadConfig(join(folder, "bytes.yaml")))).toBe(`${folder}/bytes.yaml: is not UTF-8 text`);
    writeFileSync(join(folder, "large.yaml"), Buffer.alloc(4 * 1024 * 1024 + 1, "#"));
    expect(messagesOf(() => loadConfig(folder))).toBe(
      `${folder}/bytes.yaml: is not UTF-8 text\n${folder}/large.yaml: is larger than 4 MiB, the most that is read`,
    );
    expect(messagesOf(() => loadConfig("/dev/zero"))).toContain("larger than 4 MiB");
  });
});

describe("whatever the text, there is nothing but a config or ConfigFaults", () => {
  const tame = (text: string): void => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof ConfigFaults)) throw new Error(`threw ${String(error)}`, { cause: error });
      expect(error.faults.length).toBeGreaterThan(0);
      for (const { at } of error.faults) expect(Math.min(at?.line ?? 1, at?.col ?? 1)).toBeGreaterThan(0);
    }
  };

  test("any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), tame), { numRuns: 300 });
  });

  const bits = [
    "a",
    "b",
    ": ",
    ":",
    "\n",
    "\n  ",
    "\n    ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&x ",
    "*x",
    "!t ",
    "|",
    ">",
    '"',
    "'",
    "#",
    "%",
    "? ",
    "---",
    "assets",
    "snmp",
    "needs",
    "\t",
    "0x1F",
    "~",
    "__proto__",
    "<<",
  ];
  test("text made of YAML's own signs", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 40 }), (parts) => tame(parts.join(""))),
      { numRuns: 600 },
    );
  });

  const keys = [
    "agent",
    "collector",
    "brokers",
    "assets",
    "alarms",
    "services",
    "maintenance",
    "notify",
    "users",
    "a",
    "snmp",
    "modbus",
    "mqtt",
    "needs",
    "metrics",
    "labels",
    "via",
    "topics",
    "sinks",
    "above",
    "of",
    "sum",
    "to",
    "constructor",
  ];
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, depthSize: "medium" },
      fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constantFrom("{a=b}", "2 of {a=b}", "asset a", "30s", "a"),
      ),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 5 })), tie("tree"), { maxKeys: 5 }),
    ),
  }));
  test("any value in the shape of a config", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), tree, { maxKeys: 8 }), (value) => tame(JSON.stringify(value))),
      { numRuns: 400 },
    );
  });

  test("lists and mappings nested beyond any stack", () => {
    for (const text of ["[".repeat(200_000), "- ".repeat(200_000), "{a: ".repeat(100_000), `a: ${"? ".repeat(100_000)}`]) tame(text);
  });
});
