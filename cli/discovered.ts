import type { Found } from "../adapters/sources/snmp/sweep.ts";
import { printable } from "./output.ts";

/**
 * Config for what was found, to be reviewed. `texts` are the config texts (JSON) of the ways that were tried: their secrets are
 * references. `more` is entries of other protocols.
 */
export function discoveredYaml(found: readonly Found[], { texts, more = "" }: { texts: readonly string[]; more?: string }): string {
  const taken = new Set<string>();
  const entries = [...found].sort((a, b) => collator.compare(a.host, b.host)).map((one) => entryOf(one, idOf(one, taken), texts));
  const head =
    "# yaml-language-server: $schema=millwright.schema.json\n# Found by `millwright discover`. Review it: names, places (`at`) and `via` are yours to say.\n";
  const none = [...entries, more].every((entry) => !/^ {2}[^ #]/m.test(entry));
  return `${head}assets:${none ? " {}" : ""}\n${entries.join("")}${more}`;
}

const collator = new Intl.Collator("en", { numeric: true });

/** The device's own name as an id, or its address; a second one of the same name gets a number. */
function idOf({ sysName, host }: Found, taken: Set<string>): string {
  const clean = (sysName ?? "")
    .split(".")[0]
    ?.toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|[-_]+$/g, "")
    .slice(0, 60);
  const base = clean === undefined || clean === "" ? `snmp-${host.replace(/[^A-Za-z0-9.-]/g, "-")}` : clean;
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  taken.add(id);
  return id;
}

function entryOf(one: Found, id: string, texts: readonly string[]): string {
  const { credentials, sysDescr, sysObjectId, profiles, host } = one;
  if (credentials === undefined) return `  # ${host} speaks SNMPv3, and knows none of the users it was asked as.\n`;
  const about = [
    sysDescr,
    sysObjectId === undefined ? undefined : `sysObjectID ${sysObjectId}`,
    `profiles ${profiles.join(", ") || "none"}`,
  ];
  const comment = about.flatMap((line) => (line === undefined ? [] : [`    # ${printable(line).slice(0, 200)}\n`])).join("");
  const name = one.sysName === undefined || one.sysName === id ? "" : `    name: ${JSON.stringify(one.sysName)}\n`;
  return `  ${id}:\n${name}${comment}    snmp: ${flow(snmpOf(texts[credentials] ?? "{}", host))}\n`;
}

function snmpOf(text: string, host: string): Record<string, unknown> {
  const { assets } = JSON.parse(text) as { assets?: { device?: { snmp?: Record<string, unknown> } } };
  const { timeout: _timeout, port, ...rest } = assets?.device?.snmp ?? {};
  return { ...rest, host, ...(port === 161 ? {} : { port }), every: "30s" };
}

/** YAML's flow style; every text in quotes, so that `1.10` and `no` stay texts. */
function flow(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{ ${pairs.map(([key, part]) => `${key}: ${flow(part)}`).join(", ")} }`;
}
