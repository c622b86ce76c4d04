import { BerReader, type BerWriter, tag } from "./ber.ts";
import { type Ask, type Pdu, readPdu, writePdu } from "./pdu.ts";

/** A message of v1 or v2c (RFC 1157 §4, RFC 1901 §3), ready to be sent; `version` as on the wire. */
export function writeCommunityMessage(
  writer: BerWriter,
  of: { readonly version: 0 | 1; readonly community: Uint8Array },
  ask: Ask,
): Buffer {
  writer.clear();
  const end = writer.at;
  writePdu(writer, ask);
  writer.octets(of.community);
  writer.int(of.version);
  writer.wrap(tag.sequence, end);
  return writer.take();
}

/** Reads a message of v1 or v2c. Throws Malformed where the bytes are none. */
export function readCommunityMessage(bytes: Buffer): { readonly version: number; readonly community: Uint8Array; readonly pdu: Pdu } {
  const whole = new BerReader(bytes);
  const reader = new BerReader(bytes, 0, whole.open(tag.sequence));
  reader.at = whole.at;
  const version = reader.int();
  const community = reader.octets();
  return { version, community, pdu: readPdu(reader, bytes.length) };
}
