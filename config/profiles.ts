import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import type { Protocol } from "../core/source.ts";
import { check, faultOf } from "./check.ts";
import { ConfigFaults } from "./fault.ts";
import { quote } from "./quote.ts";
import { readYaml } from "./source-map.ts";
import { didYouMean } from "./suggest.ts";

/** Folders of profiles: one for each protocol, and the models that the Modbus profile sunspec is made of. */
export type ProfileFolder = Protocol | "sunspec";

// The same place beside the sources and beside dist/config: build.js copies the folder.
const folderOf = (protocol: ProfileFolder): string => fileURLToPath(new URL(`./profiles/${protocol}/`, import.meta.url));

/** Path of a file among the profiles of a protocol. */
export function profileFile(protocol: ProfileFolder, name: string): string {
  return `${folderOf(protocol)}${name}`;
}

/** Names of the profiles that are shipped for a protocol, sorted. */
export function profileNames(protocol: ProfileFolder): readonly string[] {
  const folder = folderOf(protocol);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

/** Reads and checks a shipped profile; throws ConfigFaults with every fault's place in the profile's file. */
export function loadProfile<S extends z.ZodType>(protocol: ProfileFolder, name: string, schema: S): z.output<S> {
  const names = profileNames(protocol);
  const file = profileFile(protocol, `${name}.yaml`);
  if (!names.includes(name)) {
    throw new ConfigFaults([{ file, path: "", message: `${quote(name)} is not a known ${protocol} profile${didYouMean(name, names)}` }]);
  }
  return parseProfile(file, readFileSync(file, "utf8"), schema);
}

/** Checks the text of a profile; throws ConfigFaults. */
export function parseProfile<S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> {
  const source = readYaml(file, text);
  if (source.faults.length > 0) throw new ConfigFaults(source.faults);
  const checked = check(schema, source.value);
  if (checked.ok) return checked.value;
  throw new ConfigFaults(checked.findings.map((finding) => faultOf(finding, { locate: source.locate, fileOf: () => file })));
}
