import { pduTag } from "../../../../adapters/sources/snmp/envelope.ts";
import { compareOids } from "../../../../adapters/sources/snmp/oid.ts";
import { absence } from "../../../../adapters/sources/snmp/requests.ts";
import { tlv, variable } from "./ber.ts";

/** What is asked: tag of the PDU, names, and max-repetitions of a GETBULK. */
export interface Asked {
  readonly tag: number;
  readonly oids: readonly string[];
  readonly repetitions: number;
}

/** The variables that a device with these values answers with, as RFC 3416 §4.2 says. */
export function answering(values: ReadonlyMap<string, () => Buffer>): (asked: Asked) => Buffer[] {
  const names = [...values.keys()].sort(compareOids);
  return ({ tag, oids, repetitions }) => {
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
  };
}
