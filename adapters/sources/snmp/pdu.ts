import { type Answer, readVariables } from "./answer.ts";
import { type BerReader, type BerWriter, tag } from "./ber.ts";
import type { pduTag } from "./envelope.ts";
import type { Span } from "./oid.ts";

/** The three PDUs that a device is ever asked with. There is no way to write another. */
export type ReadKind = (typeof pduTag)["get" | "getNext" | "getBulk"];

/** What a device is asked for: names of variables, and how many times each is followed (GETBULK only). */
export interface Ask {
  readonly kind: ReadKind;
  readonly id: number;
  readonly names: readonly Span[];
  /** max-repetitions; 0 for GET and GETNEXT. */
  readonly repetitions: number;
}

/** A PDU that came (RFC 3416 §3). */
export interface Pdu {
  readonly kind: number;
  readonly id: number;
  readonly status: number;
  readonly index: number;
  readonly answer: Answer;
}

/** Writes the PDU of a request in front of what the writer holds. */
export function writePdu(writer: BerWriter, { kind, id, names, repetitions }: Ask): void {
  const end = writer.at;
  for (let i = names.length - 1; i >= 0; i--) {
    const name = names[i];
    if (name !== undefined) writeVariable(writer, name);
  }
  writer.wrap(tag.sequence, end);
  writer.int(repetitions);
  writer.int(0);
  writer.int(id);
  writer.wrap(kind, end);
}

/** A name with NULL for its value. */
function writeVariable(writer: BerWriter, { bytes, start, end }: Span): void {
  const close = writer.at;
  writer.byte(0);
  writer.byte(tag.null);
  const name = writer.at;
  writer.copy(bytes, start, end);
  writer.wrap(tag.oid, name);
  writer.wrap(tag.sequence, close);
}

/** Reads the PDU at the reader, of a datagram of so many bytes. Throws Malformed where it is none. */
export function readPdu(reader: BerReader, datagramBytes: number): Pdu {
  const kind = reader.tag;
  reader.enter();
  const id = reader.int();
  const status = reader.int();
  const index = reader.int();
  return { kind, id, status, index, answer: readVariables(reader, datagramBytes) };
}
