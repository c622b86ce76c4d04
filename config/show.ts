import { stringify } from "yaml";
import { z } from "zod";
import { type Config, config as schema } from "./schema.ts";

/** The effective config as YAML: every default filled in, paths absolute, durations and sizes as people write them, secrets as `<secret>`. */
export function showConfig({ directory: _, ...content }: Config): string {
  return stringify(z.encode(schema, content), { lineWidth: 0 });
}
