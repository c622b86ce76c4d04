import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jsonSchema, jsonSchemaText, rulesTestJsonSchema } from "../../config/json-schema.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the published schema is the generated one (if not: millwright config schema > config/millwright.schema.json)", () => {
  expect(read("config/millwright.schema.json")).toBe(jsonSchemaText());
});

test("it is draft-07, refuses unknown keys and describes every section", () => {
  const schema = jsonSchema();
  expect(schema["$schema"]).toBe("http://json-schema.org/draft-07/schema#");
  expect(schema["additionalProperties"]).toBe(false);
  for (const section of Object.values(schema["properties"] as Record<string, object>)) expect(section).toHaveProperty("description");
  expect(jsonSchemaText()).not.toContain("$defs");
});

test("so is the one of rules tests (if not: millwright config schema --rules-test > config/rules-test.schema.json)", () => {
  expect(read("config/rules-test.schema.json")).toBe(jsonSchemaText(rulesTestJsonSchema()));
});

/** Every key that may stand in a config. */
function keysOf(node: unknown, keys = new Set<string>()): Set<string> {
  if (typeof node !== "object" || node === null) return keys;
  for (const [name, part] of Object.entries(node)) {
    if (name === "properties" && typeof part === "object" && part !== null) for (const key of Object.keys(part)) keys.add(key);
    keysOf(part, keys);
  }
  return keys;
}

test("docs/configuration.md explains every key", () => {
  const docs = read("docs/configuration.md");
  const missing = [...keysOf(jsonSchema())].filter((key) => !new RegExp(`\`[^\`\n]*\\b${key}\\b[^\`\n]*\``).test(docs));
  expect(missing).toEqual([]);
});

test("docs/rules-testing.md names every key of a rules test", () => {
  const docs = read("docs/rules-testing.md");
  expect([...keysOf(rulesTestJsonSchema())].filter((key) => !new RegExp(`\\b${key}\\b`).test(docs))).toEqual([]);
});
