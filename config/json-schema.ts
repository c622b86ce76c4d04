import { z } from "zod";
import { rulesTestFile } from "./rules-test.ts";
import { config } from "./schema.ts";

/** JSON Schema (draft-07, which yaml-language-server takes) of what stands in a config file, made from the zod schema. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return draft7(config, "Millwright config");
}

/** JSON Schema of a file of rules tests (docs/rules-testing.md). */
export function rulesTestJsonSchema(): Readonly<Record<string, unknown>> {
  return draft7(rulesTestFile, "Millwright rules tests");
}

/** A schema as its file has it. */
export function jsonSchemaText(schema: Readonly<Record<string, unknown>> = jsonSchema()): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function draft7(of: z.ZodType, title: string): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(of, { target: "draft-7", io: "input", unrepresentable: "any" });
  return { $schema, title, ...schema };
}
