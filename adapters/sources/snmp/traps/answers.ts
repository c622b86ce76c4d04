import { type BerWriter, tag } from "../ber.ts";
import { noKeys, usmStats } from "../engine.ts";
import { pduTag } from "../envelope.ts";
import { encodeOid } from "../oid.ts";
import { type Context, flag, type Keys, type SealedMessage, writeSealed } from "../usm.ts";
import type { LocalEngine } from "./local-engine.ts";
import type { Notification } from "./notification.ts";

/** Why a message of SNMPv3 is not taken, by the usmStats counter that a report names (RFC 3414 §3.2 and §5). */
const usmFault = { level: 1, time: 2, user: 3, engine: 4, digest: 5, decryption: 6 } as const;
export type UsmFault = keyof typeof usmFault;

const nobody = Buffer.alloc(0);

/** The Response to an inform of v2c: its own variables back (RFC 3416 §4.2.7). */
export function writeCommunityResponse(writer: BerWriter, community: Uint8Array, inform: Notification): Buffer {
  writer.clear();
  const end = writer.at;
  writeResponse(writer, inform);
  writer.octets(community);
  writer.int(1);
  writer.wrap(tag.sequence, end);
  return writer.take();
}

export interface SecureReply {
  readonly engine: LocalEngine;
  readonly message: SealedMessage;
  readonly keys: Keys;
  /** Of the message. */
  readonly context: Context;
}

/** The same of v3, signed and encrypted as the inform was. */
export function writeSecureResponse(writer: BerWriter, reply: SecureReply, inform: Notification): Buffer {
  const { engine, message, keys, context } = reply;
  const whom = { id: message.id, reportable: false, engine: engine.id, at: engine.now(), user: message.user };
  return writeSealed(writer, { ...whom, context: context.name, contextEngine: context.engine, keys }, () => writeResponse(writer, inform));
}

function writeResponse(writer: BerWriter, { id, list }: Notification): void {
  const end = writer.at;
  writer.copy(list.bytes, list.start, list.end);
  writer.int(0);
  writer.int(0);
  writer.int(id);
  writer.wrap(pduTag.response, end);
}

export interface UsmReport {
  readonly engine: LocalEngine;
  readonly message: SealedMessage;
  readonly fault: UsmFault;
  /** How often that happened. */
  readonly count: number;
  /** Signs the report; nothing where whoever asked is not known. */
  readonly signer?: Keys["signer"];
}

/** Tells the sender why its message is not taken, and what our engine is: that is how it finds both (RFC 3414 §4). */
export function writeReport(writer: BerWriter, { engine, message, fault, count, signer }: UsmReport): Buffer {
  const keys = signer === undefined ? noKeys : { signer, privacy: undefined };
  const whom = { id: message.id, reportable: false, engine: engine.id, at: engine.now(), user: message.user };
  return writeSealed(writer, { ...whom, context: nobody, keys }, () => {
    const end = writer.at;
    writeCounter(writer, count >>> 0);
    writer.wrap(tag.counter32, end);
    const name = writer.at;
    writer.copy(encodeOid(`${usmStats}${usmFault[fault]}.0`));
    writer.wrap(tag.oid, name);
    writer.wrap(tag.sequence, end);
    writer.wrap(tag.sequence, end);
    for (let field = 0; field < 3; field++) writer.int(0);
    writer.wrap(pduTag.report, end);
  });
}

/** As few bytes as keep it positive. */
function writeCounter(writer: BerWriter, count: number): void {
  let rest = count;
  do {
    writer.byte(rest & 0xff);
    rest = Math.floor(rest / 256);
  } while (rest > 0);
  if ((writer.bytes[writer.at] ?? 0) >= 0x80) writer.byte(0);
}

/** True where the sender may be told why its message is not taken. */
export function isReportable({ flags }: SealedMessage): boolean {
  return (flags & flag.reportable) !== 0;
}
