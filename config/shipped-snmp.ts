import { existsSync, readFileSync } from "node:fs";
import { loadProfile, profileFile, profileNames } from "./profiles.ts";
import { type SnmpProfile, snmpProfile } from "./snmp.ts";

/** Made by build.js, which has checked the profile: agents need neither read it as YAML nor check it again. */
export function builtSnmpProfile(name: string): string {
  return profileFile("snmp", `${name}.json`);
}

/** A shipped SNMP profile; from its YAML where a program runs from its sources. Throws ConfigFaults. */
export function shippedSnmpProfile(name: string): SnmpProfile {
  const file = builtSnmpProfile(name);
  const isBuilt = profileNames("snmp").includes(name) && existsSync(file);
  return isBuilt ? (JSON.parse(readFileSync(file, "utf8")) as SnmpProfile) : loadProfile("snmp", name, snmpProfile);
}
