import { resolve } from "node:path";
import type { Protocol } from "../core/source.ts";
import { agentWarnings } from "./agents.ts";
import { check, type Finding, faultOf } from "./check.ts";
import { ConfigFaults, type Fault, inOrder } from "./fault.ts";
import { type ConfigFiles, readConfigFiles } from "./files.ts";
import { type MergedSource, mergeSources } from "./merge.ts";
import { anchorChannels } from "./notify.ts";
import { profileNames } from "./profiles.ts";
import { type Known, referenceFindings } from "./references.ts";
import { type Config, config as schema } from "./schema.ts";
import { Secret } from "./secret.ts";
import { readYaml } from "./source-map.ts";

/** A config, and what is odd about it though it can be used. */
export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: readonly Fault[];
}

/** Reads a YAML file, or the *.yaml and *.yml of a folder. Throws ConfigFaults with all that is wrong. Touches no network. */
export function loadConfig(path: string): Config {
  return readConfig(path).config;
}

/** As loadConfig, with the warnings. */
export function readConfig(path: string): LoadedConfig {
  return parseConfig(readConfigFiles(path));
}

type Content = Omit<Config, "directory">;

/** The same of texts that were read already. `profiles` are the names that assets may use: those shipped without it. */
export function parseConfig(
  { directory, files }: ConfigFiles,
  profiles: (protocol: Protocol) => readonly string[] = profileNames,
): LoadedConfig {
  const sources = files.map(({ file, text }) => readYaml(file, text));
  const merged = mergeSources(sources);
  const found = findAll(merged, {
    profiles,
    complete: sources.every((source) => source.usable),
    unique: merged.faults.length === 0 && sources.every((source) => source.faults.length === 0),
  });
  const faults = [...sources.flatMap((source) => source.faults), ...merged.faults, ...found.faults.map((one) => faultOf(one, merged))];
  if (found.content === undefined || faults.length > 0) throw new ConfigFaults(faults);
  const warnings = [...sources.flatMap((source) => source.warnings), ...found.warnings.map((one) => faultOf(one, merged))];
  return { config: { ...(anchored(found.content, directory) as Content), directory }, warnings: inOrder(warnings) };
}

interface Found {
  readonly content: Content | undefined;
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
}

interface Surroundings {
  readonly profiles: (protocol: Protocol) => readonly string[];
  /** Every file could be read: what is not here is nowhere. */
  readonly complete: boolean;
  /** No key stands twice: members can be counted. */
  readonly unique: boolean;
}

/** Checks the schema, then who names whom, so that one run tells everything: what the schema refused is left out of the second. */
function findAll(merged: MergedSource, { profiles, complete, unique }: Surroundings): Found {
  const checked = check(schema, merged.value);
  const faults = checked.ok ? [] : checked.findings;
  const rest = checked.ok ? checked : check(schema, without(merged.value, faults));
  if (!rest.ok || !complete) return { content: undefined, faults, warnings: [] };
  const known: Known = { profiles, ids: (section) => idsOf(merged.value, section), complete: checked.ok && unique };
  const references = referenceFindings(rest.value, known);
  return {
    content: checked.ok ? checked.value : undefined,
    faults: [...faults, ...references.faults],
    warnings: [...references.warnings, ...agentWarnings(rest.value)],
  };
}

/** Every id that the files name, also of entries that have faults: naming those is no fault of its own. */
function idsOf(value: unknown, section: readonly string[]): ReadonlySet<string> {
  let part = value;
  for (const key of section) part = isMapping(part) ? part[key] : undefined;
  return new Set(isMapping(part) ? Object.keys(part) : []);
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value without the entries (of a section that is merged by id) or whole sections that have faults. */
function without(value: Readonly<Record<string, unknown>>, faults: readonly Finding[]): Readonly<Record<string, unknown>> {
  const rest: Record<string, unknown> = { ...value };
  const byId = new Set(["brokers", "assets", "alarms", "calendars", "services", "users"]);
  for (const { path } of faults) {
    const [section, id] = path.map(String);
    if (section === undefined) continue;
    const entries = rest[section];
    if (id === undefined || !byId.has(section) || !isMapping(entries)) delete rest[section];
    else rest[section] = Object.fromEntries(Object.entries(entries).filter(([key]) => key !== id));
  }
  return rest;
}

/** Secrets get their folder, and the paths of the config become absolute. */
function anchored(content: Content, directory: string): unknown {
  const { agent, collector, brokers, notify } = content;
  const at = (path: string): string => resolve(directory, path);
  const duckdb = collector?.store.duckdb;
  return sealed(
    {
      ...content,
      ...(agent === undefined
        ? {}
        : {
            agent: {
              ...agent,
              spool: { ...agent.spool, dir: at(agent.spool.dir) },
              key: at(agent.key),
              ...(agent.ca === undefined ? {} : { ca: at(agent.ca) }),
            },
          }),
      ...(collector === undefined || duckdb === undefined
        ? {}
        : {
            collector: {
              ...collector,
              store: { ...collector.store, duckdb: { ...duckdb, dir: at(duckdb.dir) } },
              ...(collector.tls === undefined ? {} : { tls: { cert: at(collector.tls.cert), key: at(collector.tls.key) } }),
            },
          }),
      notify: { ...notify, channels: anchorChannels(notify.channels, at) },
      brokers: Object.fromEntries(
        Object.entries(brokers).map(([id, broker]) => [id, broker.ca === undefined ? broker : { ...broker, ca: at(broker.ca) }]),
      ),
    },
    directory,
  );
}

/** The same value, every secret in it read from this folder. */
function sealed(value: unknown, directory: string): unknown {
  if (value instanceof Secret) return value.in(directory);
  if (Array.isArray(value)) return value.map((item) => sealed(item, directory));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, sealed(part, directory)]));
}
