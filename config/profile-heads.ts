import { existsSync, readFileSync } from "node:fs";
import { parseProfile, profileFile, profileNames } from "./profiles.ts";
import { type SnmpHead, snmpHead } from "./snmp.ts";

/** Made by build.js: a program that runs from its sources reads the heads of all files instead. */
export const headsFile = profileFile("snmp", "index.json");

/** What every SNMP profile says of the devices it is for, without reading the profiles. */
export function snmpHeads(): readonly SnmpHead[] {
  return existsSync(headsFile) ? (JSON.parse(readFileSync(headsFile, "utf8")) as SnmpHead[]) : readSnmpHeads();
}

/** The same, from the profiles' files. Throws ConfigFaults. */
export function readSnmpHeads(): readonly SnmpHead[] {
  return profileNames("snmp").map((name) => {
    const file = profileFile("snmp", `${name}.yaml`);
    const { profile, match, replaces } = parseProfile(file, headOf(readFileSync(file, "utf8")), snmpHead);
    return { profile, match, replaces };
  });
}

/** A profile's text up to where it says what is read. */
function headOf(text: string): string {
  const end = text.search(/^(inventory|scalars|table):/m);
  return end < 0 ? text : text.slice(0, end);
}
