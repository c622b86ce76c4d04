import { answering } from "../../adapters/sources/snmp/answering.ts";
import { int, octets } from "../../adapters/sources/snmp/ber.ts";

export const upTime = "1.3.6.1.2.1.1.3.0";
export const ifEntry = "1.3.6.1.2.1.2.2.1";

/** What a device of these tests has: the scalars of two profiles and three interfaces. */
export const profiles = ["system", "host-resources", "if-mib"];

const values = new Map<string, () => Buffer>([
  ["1.3.6.1.2.1.1.1.0", () => octets("a switch")],
  [upTime, () => int(Math.round(performance.now() / 10), 0x43)],
  ["1.3.6.1.2.1.1.5.0", () => octets("sw-1")],
  ["1.3.6.1.2.1.25.1.5.0", () => int(2, 0x42)],
  ["1.3.6.1.2.1.25.1.6.0", () => int(97, 0x42)],
]);
for (const row of [1, 2, 3]) {
  const cells: Readonly<Record<number, () => Buffer>> = {
    2: () => octets(`eth${row}`),
    5: () => int(100_000_000, 0x42),
    7: () => int(1),
    8: () => int(1),
    10: () => int(row * 1000, 0x41),
    16: () => int(row * 2000, 0x41),
  };
  for (const [column, cell] of Object.entries(cells)) values.set(`${ifEntry}.${column}.${row}`, cell);
}

/** The variables of a true answer. */
export const truth = answering(values);
