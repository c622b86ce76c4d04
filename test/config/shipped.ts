import type { Protocol } from "../../core/source.ts";

const names: Readonly<Record<Protocol, readonly string[]>> = {
  snmp: ["host-resources", "if-mib", "ups-rfc1628"],
  modbus: ["demo-filler", "eastron-sdm630"],
  mqtt: [],
};

/** Profile names for the cases, so that a new profile does not change what they expect. */
export const caseProfiles = (protocol: Protocol): readonly string[] => names[protocol];
