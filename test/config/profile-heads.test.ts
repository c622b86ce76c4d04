import { expect, it } from "vitest";
import { readSnmpHeads } from "../../config/profile-heads.ts";
import { loadProfile, profileNames } from "../../config/profiles.ts";
import { snmpProfile } from "../../config/snmp.ts";

const heads = readSnmpHeads();
const names = profileNames("snmp");

it("says of every profile what the profile says of itself", () => {
  expect(heads.map(({ profile }) => profile)).toEqual(names);
  for (const name of ["if-mib", "cisco-entity-sensor", "ups-rfc1628"]) {
    const { profile, match, replaces } = loadProfile("snmp", name, snmpProfile);
    expect(heads.find((head) => head.profile === name)).toEqual({ profile, match, replaces });
  }
});

it("replaces only profiles that there are, and none that replaces it in turn", () => {
  for (const { profile, replaces } of heads)
    for (const other of replaces) {
      expect(names, `${profile} replaces ${other}`).toContain(other);
      expect(heads.find((head) => head.profile === other)?.replaces ?? [], other).not.toContain(profile);
    }
});
