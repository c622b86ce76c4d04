import { expect, test } from "vitest";
import { compileProfile } from "../../adapters/sources/snmp/compile.ts";
import { profileNames } from "../../config/profiles.ts";
import { shippedSnmpProfile } from "../../config/shipped-snmp.ts";

test("every shipped profile means the same once it was written as JSON, as a build does", () => {
  for (const name of profileNames("snmp")) {
    const profile = shippedSnmpProfile(name);
    expect(compileProfile(JSON.parse(JSON.stringify(profile)))).toEqual(compileProfile(profile));
  }
});

test("a name that is no profile's is refused, also where it is a path", () => {
  for (const name of ["nonsense", "../snmp/if-mib", ""]) expect(() => shippedSnmpProfile(name)).toThrow("is not a known snmp profile");
});
