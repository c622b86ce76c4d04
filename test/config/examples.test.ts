import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readConfig } from "../../config/load.ts";
import { unusedSections } from "../../config/unused.ts";

const folder = new URL("../../config/examples/", import.meta.url).pathname;
// Files of rules tests are no configs: test/cli/rules.test.ts runs them.
const entries = readdirSync(folder).filter((name) => !name.startsWith(".") && name !== "rules-tests");

test.each(entries)("%s is a good config", (name) => {
  expect(readConfig(`${folder}${name}`).warnings).toEqual([]);
});

test.each(
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml") && !name.startsWith("rules-tests/")),
)("%s tells editors its schema", (name) => {
  const up = "../".repeat(name.split("/").length);
  expect(readFileSync(`${folder}${name}`, "utf8")).toMatch(
    new RegExp(`^# yaml-language-server: \\$schema=${up}millwright\\.schema\\.json\n`),
  );
});

test("what is read but not acted on yet is told, one line each", () => {
  const named = unusedSections(readConfig(`${folder}plant.yaml`).config).map((line) => line.split(":")[0]);
  expect(named).toEqual(["assets.*.mqtt.sparkplug", "collector.sinks.remote_write"]);
  expect(unusedSections(readConfig(`${folder}minimal.yaml`).config)).toEqual([]);
});
