import { z } from "zod";
import { config } from "./schema.ts";

/** Where editors find the published schema from a config in this repository's examples folder. */
export const schemaFile = "millwright.schema.json";

/** JSON Schema (draft-07, which yaml-language-server takes) of what stands in a config file, made from the zod schema. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(config, { target: "draft-7", io: "input", unrepresentable: "any" });
  return { $schema, title: "Millwright config", ...schema };
}

/** The schema as its file has it. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`;
}
