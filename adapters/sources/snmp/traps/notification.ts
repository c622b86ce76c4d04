import type { Answer } from "../answer.ts";
import { readVariables } from "../answer.ts";
import { BerReader, Malformed, tag, unsigned } from "../ber.ts";
import type { Varbind } from "../decode.ts";
import { pduTag } from "../envelope.ts";
import { decodeOid, type Span } from "../oid.ts";

/** What a device tells of its own accord, whichever version says it. */
export interface Notification {
  /** snmpTrapOID: which notification it is. */
  readonly oid: string;
  /** It wants a Response. */
  readonly confirmed: boolean;
  /** request-id; 0 of v1, which has none. */
  readonly id: number;
  /** What it carries, without sysUpTime and snmpTrapOID. */
  readonly varbinds: readonly Varbind[];
  /** The whole VarBindList as it came: a Response repeats it. */
  readonly list: Span;
}

/** sysUpTime.0 and snmpTrapOID.0 (RFC 3416 §4.2.6). */
const upTime = "1.3.6.1.2.1.1.3.0";
const trapOid = "1.3.6.1.6.3.1.1.4.1.0";
/** snmpTraps: the six generic traps of v1 are numbered below it (RFC 3584 §3.1). */
const genericTraps = "1.3.6.1.6.3.1.1.5";
const enterpriseSpecific = 6;
/** Most variables that are looked at; the rest of a notification is let be. */
const mostVariables = 66;

/** Reads the PDU at the reader. Throws Malformed where it is no notification. */
export function readNotification(reader: BerReader): Notification {
  const kind = reader.tag;
  const pdu = inside(reader);
  if (kind === pduTag.trap1) return readTrap1(pdu);
  if (kind === pduTag.trap2 || kind === pduTag.inform) return readTrap2(pdu, kind === pduTag.inform);
  throw new Malformed(`PDU 0x${kind.toString(16)} where a trap or an inform was expected`);
}

/** A reader of the content of the element at hand; the outer one goes on behind it. */
function inside(reader: BerReader): BerReader {
  const end = reader.enter();
  const inner = new BerReader(reader.bytes, reader.at, end);
  reader.at = end;
  return inner;
}

/** Trap-PDU of v1 (RFC 1157 §4.1.6), as the notification of v2c that it stands for (RFC 3584 §3.1). */
function readTrap1(pdu: BerReader): Notification {
  const enterprise = readOid(pdu);
  pdu.at = pdu.open(tag.address);
  const generic = pdu.int();
  const specific = pdu.int();
  const ticks = pdu.open(tag.ticks);
  if (Number.isNaN(unsigned(pdu.bytes, pdu.at, ticks))) throw new Malformed("a time stamp that is no TimeTicks");
  pdu.at = ticks;
  const { list, variables } = readList(pdu);
  const varbinds = decode(variables).filter(({ oid }) => oid !== trapOid);
  return { oid: notificationOid({ enterprise, generic, specific }), confirmed: false, id: 0, varbinds, list };
}

interface GenericAndSpecific {
  readonly enterprise: string;
  readonly generic: number;
  readonly specific: number;
}

function notificationOid({ enterprise, generic, specific }: GenericAndSpecific): string {
  if (generic < 0 || generic > enterpriseSpecific || specific < 0)
    throw new Malformed(`generic-trap ${generic}, specific-trap ${specific}`);
  return generic === enterpriseSpecific ? `${enterprise}.0.${specific}` : `${genericTraps}.${generic + 1}`;
}

function readTrap2(pdu: BerReader, confirmed: boolean): Notification {
  const id = pdu.int();
  pdu.int();
  pdu.int();
  const { list, variables } = readList(pdu);
  const all = decode(variables);
  const oid = all.find((varbind) => varbind.oid === trapOid)?.value;
  if (typeof oid !== "string") throw new Malformed("a notification without snmpTrapOID");
  return { oid, confirmed, id, varbinds: all.filter((varbind) => varbind.oid !== trapOid && varbind.oid !== upTime), list };
}

function readOid(pdu: BerReader): string {
  const end = pdu.open(tag.oid);
  const oid = decodeOid(pdu.bytes, pdu.at, end);
  if (oid === undefined) throw new Malformed("an enterprise that is no OID");
  pdu.at = end;
  return oid;
}

function readList(pdu: BerReader): { readonly list: Span; readonly variables: Answer } {
  return { list: { bytes: pdu.bytes, start: pdu.at, end: pdu.end }, variables: readVariables(pdu, pdu.bytes.length) };
}

function decode(variables: Answer): readonly Varbind[] {
  return Array.from({ length: Math.min(variables.count, mostVariables) }, (_, i) => variables.varbind(i));
}
