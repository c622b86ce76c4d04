import { type Element, readAll, readElement, readInteger } from "../../demo/ber.ts";

/** Function codes of a stream of Modbus TCP requests. Throws where bytes are left over that are no request. */
export function functionCodes(stream: Buffer): number[] {
  const codes: number[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = at + 6 + stream.readUInt16BE(at + 4);
    if (end > stream.length || stream.readUInt16BE(at + 2) !== 0) throw new Error(`no Modbus request: ${stream.toString("hex", at)}`);
    codes.push(stream.readUInt8(at + 7));
    at = end;
  }
  return codes;
}

/** Tag of an SNMP message's PDU (RFC 3416 §3); undefined where version 3 has encrypted it. */
export function pduTag(message: Buffer): number | undefined {
  const parts = partsOf(readElement(message, 0));
  const version = parts[0] === undefined ? -1 : readInteger(parts[0].body);
  if (version !== 3) return parts[2]?.tag;
  // RFC 3412 §6: scopedPDU is a sequence in the clear, or an octet string.
  const scoped = parts[3];
  return scoped === undefined || scoped.tag !== 0x30 ? undefined : partsOf(scoped)[2]?.tag;
}

function partsOf(element: Element): readonly Element[] {
  return readAll(element.body);
}

/** One MQTT control packet (MQTT 3.1.1 §2, MQTT 5 §2). */
export interface Packet {
  readonly type: number;
  readonly body: Buffer;
}

/** The control packets of a stream; one that was cut off at its end is left out. */
export function packets(stream: Buffer): Packet[] {
  const found: Packet[] = [];
  for (let at = 0; at < stream.length; ) {
    let length = 0;
    let next = at + 1;
    for (let shift = 0; ; shift += 7) {
      const byte = stream[next++];
      if (byte === undefined) return found;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (next + length > stream.length) return found;
    found.push({ type: stream.readUInt8(at) >> 4, body: stream.subarray(next, next + length) });
    at = next + length;
  }
  return found;
}
