import { pduTag } from "../../../adapters/sources/snmp/envelope.ts";
import { compareOids } from "../../../adapters/sources/snmp/oid.ts";
import { absence } from "../../../adapters/sources/snmp/requests.ts";
import { int, octets, tlv, variable } from "../../adapters/sources/snmp/ber.ts";

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
const names = [...values.keys()].sort(compareOids);

/** What is asked: tag of the PDU, names, and max-repetitions of a GETBULK. */
export interface Asked {
  readonly tag: number;
  readonly oids: readonly string[];
  readonly repetitions: number;
}

/** The variables of a true answer. */
export function truth({ tag, oids, repetitions }: Asked): Buffer[] {
  if (tag === pduTag.get) return oids.map((oid) => variable(oid, values.get(oid)?.() ?? tlv(absence.noSuchInstance)));
  const found: Buffer[] = [];
  let at = [...oids];
  for (let k = 0; k < (tag === pduTag.getBulk ? repetitions : 1); k++) {
    at = at.map((oid) => {
      const next = names.find((name) => compareOids(name, oid) > 0);
      found.push(variable(next ?? oid, next === undefined ? tlv(absence.endOfMibView) : (values.get(next)?.() ?? tlv(5))));
      return next ?? oid;
    });
  }
  return found;
}
