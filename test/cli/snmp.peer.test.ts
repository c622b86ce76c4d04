import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { parseConfig } from "../../config/load.ts";
import { type Snmpd, snmpdKeys, startSnmpd } from "../peers/snmpd.ts";
import { capturedIo } from "./captured-io.ts";

let snmpd: Snmpd;
const secrets = {
  MILLWRIGHT_TEST_COMMUNITY: "public",
  MILLWRIGHT_TEST_WRONG: "wrong",
  MILLWRIGHT_TEST_AUTH: snmpdKeys.auth,
  MILLWRIGHT_TEST_PRIV: snmpdKeys.privacy,
};

beforeAll(async () => {
  Object.assign(process.env, secrets);
  snmpd = await startSnmpd();
});
afterAll(async () => {
  for (const name of Object.keys(secrets)) delete process.env[name];
  await snmpd.stop();
});

async function millwright(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(args, io, commands);
  return { code, out: io.out(), err: io.err() };
}

const community = ["--community", "env:MILLWRIGHT_TEST_COMMUNITY"];
const v3 = ["--user", "sha256aes", "--auth", "sha256=env:MILLWRIGHT_TEST_AUTH", "--privacy", "aes=env:MILLWRIGHT_TEST_PRIV"];
const device = (): string[] => ["--host", "127.0.0.1", "--port", String(snmpd.port)];
const rows = (text: string): { oid: string; type: string; value: string }[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("snmp get and walk", () => {
  test.each([
    ["version 1", ["--snmp-version", "1", ...community]],
    ["version 2c", community],
    ["version 3, SHA-256 and AES", v3],
  ])("%s: what net-snmp's own tools read", async (_, how) => {
    const { code, out } = await millwright("snmp", "walk", "1.3.6.1.2.1.1", ...device(), ...how);
    expect(code).toBe(0);
    const found = rows(out);
    const theirs = execFileSync("snmpbulkwalk", ["-v2c", "-c", "public", "-On", "-OQ", "-Oe", `127.0.0.1:${snmpd.port}`, "1.3.6.1.2.1.1"], {
      encoding: "utf8",
      env: { ...process.env, MIBS: "" },
    });
    expect(found.map(({ oid }) => `.${oid}`)).toEqual([...theirs.matchAll(/^(\.[\d.]+) = /gm)].map(([, oid]) => oid));
    expect(found[0]).toMatchObject({ oid: "1.3.6.1.2.1.1.1.0", type: "OCTET STRING" });
    expect(theirs).toContain(found[0]?.value);
  });

  test("a variable that is there and one that is not", async () => {
    const { code, out } = await millwright(
      "snmp",
      "get",
      ".1.3.6.1.2.1.1.7.0",
      "1.3.6.1.2.1.1.99.0",
      "--format",
      "json",
      ...device(),
      ...community,
    );
    expect([code, JSON.parse(out)]).toEqual([
      0,
      [
        { oid: "1.3.6.1.2.1.1.7.0", type: "INTEGER", value: "72" },
        { oid: "1.3.6.1.2.1.1.99.0", type: "noSuchObject", value: "" },
      ],
    ]);
  });

  test.each([
    ["no device", ["snmp", "get", "1.3.6.1.2.1.1.1.0"], 2, "say which device"],
    ["no OID", ["snmp", "get", "sysDescr", "--host", "127.0.0.1", ...community], 2, "is not an OID in dotted numbers"],
    ["a secret on the command line", ["snmp", "walk", "--host", "127.0.0.1", "--community", "public"], 78, "never the secret itself"],
    ["a key without its protocol", ["snmp", "walk", "--host", "127.0.0.1", "--user", "x", "--auth", "env:X"], 2, "PROTOCOL=REFERENCE"],
    [
      "a device that is silent",
      ["snmp", "get", "1.3.6.1.2.1.1.1.0", "--host", "127.0.0.1", "--port", "1", "--timeout", "200ms", ...community],
      1,
      "127.0.0.1:1",
    ],
  ])("%s", async (_, args, code, message) => {
    const found = await millwright(...args);
    expect([found.code, found.out]).toEqual([code, ""]);
    expect(found.err).toContain(message);
    expect(found.err).not.toContain('"public"');
  });
});

test("snmp record: a recording that tells neither name nor addresses", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millwright-record-"));
  const out = join(folder, "device.snmprec");
  try {
    const { code, err } = await millwright("snmp", "record", "--out", out, "--most", "3000", ...device(), ...community);
    expect([code, err]).toEqual([0, expect.stringMatching(/\d+ variables, \d+ left out/)]);
    const text = readFileSync(out, "utf8");
    expect(text).toMatch(/^1\.3\.6\.1\.2\.1\.1\.3\.0\|67\|\d+$/m);
    expect(text).not.toMatch(/^1\.3\.6\.1\.2\.1\.4\.20\./m);
    expect(text.split("\n").filter((line) => line !== "" && !/^[\d.]+\|\d+x?\|.*$/.test(line))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("profiles test: what matches and why, and each variable's fate", async () => {
  const { code, out } = await millwright("profiles", "test", "--format", "json", "--all", ...device(), ...community);
  expect(code).toBe(0);
  const { profiles, variables } = JSON.parse(out) as {
    profiles: { profile: string; matches: boolean; why: string }[];
    variables: { oid: string; reading: string; reason: string; profile: string }[];
  };
  expect(profiles.find(({ profile }) => profile === "if-mib")).toEqual({
    profile: "if-mib",
    matches: true,
    why: "it has 1.3.6.1.2.1.2.2.1",
  });
  expect(profiles.find(({ profile }) => profile === "ups-rfc1628")?.why).toContain("it has none of 1.3.6.1.2.1.33.1");
  const of = (oid: string) => variables.find((one) => one.oid === oid);
  expect(of("1.3.6.1.2.1.1.3.0")?.reading).toMatch(/^uptime_seconds \d+(\.\d+)? s Good$/);
  expect(of("1.3.6.1.2.1.2.2.1.8.1")?.reading).toBe("if_oper_status{if_name=lo} 1 Good");
  expect(of("1.3.6.1.2.1.1.1.0")).toMatchObject({ reading: "", reason: "inventory of the asset", profile: "system" });
  expect(of("1.3.6.1.2.1.2.2.1.2.1")).toMatchObject({ reading: "", reason: "read for a label, a condition or a scale" });
  expect(of("1.3.6.1.2.1.1.7.0")).toMatchObject({ reading: "", reason: "no profile that matches reads it" });
});

describe("profiles list and show", () => {
  test("each with the document that its facts come from", async () => {
    const { out } = await millwright("profiles", "list", "--format", "json");
    const listed = JSON.parse(out) as { profile: string; protocol: string; source: string }[];
    expect(listed).toContainEqual({ profile: "if-mib", protocol: "snmp", source: "RFC 2863 (IF-MIB)" });
    expect(listed.filter(({ source }) => source.length < 4)).toEqual([]);
  });

  test("a name that is misspelt", async () => {
    const { code, err } = await millwright("profiles", "show", "if-mibb");
    expect([code, err]).toEqual([2, expect.stringContaining("did you mean if-mib?")]);
    expect((await millwright("profiles", "show", "if-mib")).out).toMatch(/^profile: if-mib\n/);
  });
});

describe("discover", () => {
  const network = (): string[] => ["127.0.0.1/32", "--port", String(snmpd.port), "--timeout", "300ms"];

  test("prints config that can be used, with the way that worked", async () => {
    const { code, out, err } = await millwright(
      "discover",
      ...network(),
      "--community",
      "env:MILLWRIGHT_TEST_WRONG",
      "env:MILLWRIGHT_TEST_COMMUNITY",
    );
    expect([code, err]).toEqual([0, "1 addresses asked, 1 devices speak SNMP\n"]);
    const { config } = parseConfig({ directory: "/", files: [{ file: "found.yaml", text: out }] });
    const [asset] = Object.values(config.assets);
    expect(asset?.snmp).toMatchObject({ host: "127.0.0.1", port: snmpd.port, version: "2c", profile: "auto", every: 30_000 });
    expect(out).toContain("env:MILLWRIGHT_TEST_COMMUNITY");
    expect(out).not.toContain("public");
  });

  test("a device of version 3 is found by its user, and named where it knows none of ours", async () => {
    const found = await millwright("discover", ...network(), ...v3);
    expect(found.out).toContain('user: "sha256aes"');
    const stranger = await millwright("discover", ...network(), "--community", "env:MILLWRIGHT_TEST_WRONG");
    expect(stranger.out).toContain("# 127.0.0.1 speaks SNMPv3, and knows none of the users it was asked as.");
    expect(parseConfig({ directory: "/", files: [{ file: "found.yaml", text: stranger.out }] }).config.assets).toEqual({});
  });

  test("too large a network is refused before anything is sent", async () => {
    const { code, err } = await millwright("discover", "10.0.0.0/8", ...community);
    expect([code, err]).toEqual([2, expect.stringContaining("16777214 addresses are too many")]);
  });
});
