import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { capturedIo } from "./captured-io.ts";

const millwright = async (line: string, env = {}, isTTY = false) => {
  const io = capturedIo(env, isTTY);
  const code = await run(line.split(" ").filter(Boolean), io, commands);
  return { code, out: io.out(), err: io.err() };
};
const minimal = "config/examples/minimal.yaml";

describe("config check", () => {
  test("a good config", async () => {
    expect(await millwright(`config check ${minimal}`)).toEqual({ code: 0, out: "ok: 1 asset, 1 alarm, 1 service\n", err: "" });
    expect(await millwright(`config-check ${minimal}`)).toEqual({ code: 0, out: "ok: 1 asset, 1 alarm, 1 service\n", err: "" });
    expect(JSON.parse((await millwright(`config check ${minimal} --format json`)).out)).toEqual({
      ok: true,
      assets: 1,
      alarms: 1,
      services: 1,
      warnings: [],
    });
  });

  test("warnings go to stderr, one line each", async () => {
    const { code, out, err } = await millwright("config check config/examples/plant.yaml");
    expect([code, out]).toEqual([0, "ok: 8 assets, 4 alarms, 2 services\n"]);
    for (const line of err.trim().split("\n")) expect(line).toMatch(/^warning: /);
    expect(err).toContain("warning: assets.*.mqtt.sparkplug: Sparkplug is not read yet\n");
  });

  test("all faults on stderr, exit 78", async () => {
    const { code, out, err } = await millwright("config check test/config/bad/six-at-once.yaml");
    expect([code, out]).toEqual([78, ""]);
    expect(err.replaceAll("test/config/bad/", "")).toBe(readFileSync("test/config/bad/six-at-once.expected", "utf8"));
  });

  test("faults as JSON for programs", async () => {
    const { code, out } = await millwright("config check test/config/bad/list-at-top.yaml --format ndjson");
    expect(code).toBe(78);
    expect(out).toBe(
      '{"ok":false,"faults":[{"file":"test/config/bad/list-at-top.yaml","line":1,"col":1,"path":"","message":"is a list, expected a mapping"}]}\n',
    );
  });
});

test("config show hides secrets; bad configs end with 78", async () => {
  const { code, out } = await millwright("config show config/examples/plant.yaml");
  expect(code).toBe(0);
  expect(out).toContain("password: <secret>");
  expect(out).not.toContain("secrets/mqtt");
  expect((await millwright("config show nope.yaml")).err).toBe("nope.yaml: there is no such file or folder\n");
  expect((await millwright("config show nope.yaml")).code).toBe(78);
});

test("config schema is the published file", async () => {
  expect((await millwright("config schema")).out).toBe(readFileSync("config/millwright.schema.json", "utf8"));
});

describe("usage", () => {
  test.each([
    ["", 2, /Usage: millwright/],
    ["nonsense", 2, /unknown command 'nonsense'/],
    ["conifg check x", 2, /Did you mean config\?/],
    ["config chekc x", 2, /Did you mean check\?/],
    ["config check", 2, /missing required argument 'path'/],
    ["config check a b", 2, /too many arguments/],
    [`config check ${minimal} --format xml`, 2, /Allowed choices are table, json, ndjson/],
    ["--log-level loud version", 2, /Allowed choices are debug/],
  ])("%j ends with %i", async (line, expected, said) => {
    const { code, out, err } = await millwright(line);
    expect(code).toBe(expected);
    expect(out).toBe("");
    expect(err).toMatch(said);
  });

  test.each(["--help", "help", "config --help", "help config"])("%j is no mistake", async (line) => {
    const { code, out, err } = await millwright(line);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/Usage: millwright/);
  });

  test("the help names every command but the hidden ones", async () => {
    const { out } = await millwright("--help");
    for (const name of Object.keys(commands)) expect(out.includes(`\n  ${name} `)).toBe(name !== "config-check");
  });

  test.each(["version", "--version", "-V"])("%s", async (line) => {
    const expected = (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;
    expect(await millwright(line)).toEqual({ code: 0, out: `${expected}\n`, err: "" });
  });
});
