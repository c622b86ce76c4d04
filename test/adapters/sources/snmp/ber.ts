import { type Answer, readVariables } from "../../../../adapters/sources/snmp/answer.ts";
import { BerReader } from "../../../../adapters/sources/snmp/ber.ts";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { encodeOid } from "../../../../adapters/sources/snmp/oid.ts";
import { type MetRow, Row } from "../../../../adapters/sources/snmp/row.ts";

/** Bytes of a BER value with this tag: what a test's own responder answers with. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

export function int(value: number, tag = 2): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(value < 0 ? 0xff : 0);
  bytes.writeInt32BE(value | 0, 1);
  // Types without sign gain a zero where their top bit is set.
  return tlv(tag, value > 0x7fff_ffff ? bytes : bytes.subarray(1));
}

export const octets = (bytes: string | Uint8Array): Buffer => tlv(4, typeof bytes === "string" ? Buffer.from(bytes) : bytes);

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes: number[] = [first * 40 + second];
  for (const part of rest) {
    const septets = [part & 0x7f];
    for (let more = Math.floor(part / 128); more > 0; more = Math.floor(more / 128)) septets.unshift((more & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return tlv(6, Buffer.from(bytes));
}

export const variable = (name: string, value: Uint8Array): Buffer => tlv(0x30, oid(name), value);

export interface ResponseParts {
  readonly version?: number;
  readonly community?: string;
  readonly id: number;
  readonly status?: number;
  readonly index?: number;
  readonly tag?: number;
  readonly variables: readonly Uint8Array[];
}

/** A message of v1 or v2c with a response PDU. */
export function response({ version = 1, community = "public", id, status = 0, index = 0, tag = 0xa2, variables }: ResponseParts): Buffer {
  const pdu = tlv(tag, int(id), int(status), int(index), tlv(0x30, ...variables));
  return tlv(0x30, int(version), octets(community), pdu);
}

/** A v3 message with the PDU in the clear, as no authPriv session may take it. */
export function plainSecure(parts: {
  readonly id: number;
  readonly flags: number;
  readonly tag: number;
  readonly variables: readonly Uint8Array[];
}): Buffer {
  const engine = Buffer.from("8000000001020304", "hex");
  const header = tlv(0x30, int(parts.id), int(65507), octets(Uint8Array.of(parts.flags)), int(3));
  const security = octets(tlv(0x30, octets(engine), int(1), int(100), octets("sha256aes"), octets(""), octets("")));
  const pdu = tlv(parts.tag, int(parts.id), int(0), int(0), tlv(0x30, ...parts.variables));
  return tlv(0x30, int(3), header, security, tlv(0x30, octets(engine), octets(""), pdu));
}

/** A variable as it would have arrived; a Buffer is the value's content. */
export function encodeVarbind({ oid: name, type, value }: Varbind): Buffer {
  if (value === null) return variable(name, tlv(type));
  if (typeof value === "number") return variable(name, int(value, type));
  if (Buffer.isBuffer(value)) return variable(name, tlv(type, value));
  return variable(name, type === 6 ? oid(value) : tlv(type, Buffer.from(value.split(".").map(Number))));
}

/** Variables as an answer to read. */
export function answerOf(varbinds: readonly Varbind[]): Answer {
  const list = tlv(0x30, ...varbinds.map(encodeVarbind));
  return readVariables(new BerReader(list), list.length);
}

/** A row with these cells by slot. */
export function rowOf(index: string, position: number, at: number, cells: readonly (Varbind | undefined)[]): Row {
  return fillRow(new Row(metRow(index, at), { position, width: cells.length }), cells);
}

/** A row as a walk meets it. */
export function metRow(index: string, at: number): MetRow {
  const bytes = encodeOid(`1.3.${index}`);
  return { index, span: { bytes, start: 1, end: bytes.length }, at };
}

/** The row, with these cells by slot. */
export function fillRow(row: Row, cells: readonly (Varbind | undefined)[]): Row {
  for (const [slot, cell] of cells.entries()) {
    if (cell === undefined) continue;
    const answer = answerOf([{ ...cell, oid: `1.3.${row.index}` }]);
    row.set(slot, answer.values, answer.valueAt(0));
  }
  return row;
}
