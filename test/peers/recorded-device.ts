import { createSocket, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import type { Answer } from "../../adapters/sources/snmp/answer.ts";
import { BerWriter, tag } from "../../adapters/sources/snmp/ber.ts";
import { readCommunityMessage } from "../../adapters/sources/snmp/community.ts";
import { pduTag } from "../../adapters/sources/snmp/envelope.ts";
import { compareSpans, encodeOid, type Span } from "../../adapters/sources/snmp/oid.ts";
import type { Pdu } from "../../adapters/sources/snmp/pdu.ts";

/** Answers stay inside one Ethernet frame, as a bulk request of a real agent does. */
const maxAnswerBytes = 1400;

export interface RecordedDevice {
  readonly port: number;
  stop(): Promise<void>;
}

interface Instance extends Span {
  /** As in the file: `2` or `4x`, and the value's text. */
  readonly type: string;
  readonly text: string;
}

/**
 * Serves a recording (`NAME.snmprec`: OID|type|value lines of snmpsim) by v2c on a free loopback port, to any community. Much
 * faster than snmpsim, and read when it is first asked.
 */
export async function serveRecording(file: string): Promise<RecordedDevice> {
  const socket: Socket = createSocket({ type: "udp4", recvBufferSize: 1 << 18 });
  let instances: readonly Instance[] | undefined;
  socket.on("message", (bytes, from) => {
    instances ??= readRecording(readFileSync(file, "latin1"));
    socket.send(reply(bytes, instances), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, stop: () => new Promise((resolve) => socket.close(() => resolve())) };
}

function readRecording(text: string): readonly Instance[] {
  const instances: Instance[] = [];
  for (const line of text.split("\n")) {
    const [oid, type, ...value] = line.replace(/\r$/, "").split("|");
    if (oid === undefined || type === undefined) continue;
    const bytes = encodeOid(oid);
    instances.push({ bytes, start: 0, end: bytes.length, type, text: value.join("|") });
  }
  return instances.sort(compareSpans);
}

const writer = new BerWriter();

function reply(bytes: Buffer, instances: readonly Instance[]): Buffer {
  const { version, community, pdu } = readCommunityMessage(bytes);
  const variables = variablesFor(pdu, instances);
  writer.clear();
  const end = writer.at;
  for (const variable of variables.reverse()) writer.copy(variable);
  writer.wrap(tag.sequence, end);
  writer.int(0);
  writer.int(0);
  writer.int(pdu.id);
  writer.wrap(0xa2, end);
  writer.octets(community);
  writer.int(version);
  writer.wrap(tag.sequence, end);
  return writer.take();
}

function variablesFor({ kind, answer, index: repetitions }: Pdu, instances: readonly Instance[]): Buffer[] {
  if (kind === pduTag.getBulk) return bulk(answer, repetitions, instances);
  return Array.from({ length: answer.count }, (_, i) => {
    const name = answer.name(i);
    const at = placeOf(name, instances);
    if (kind === pduTag.getNext) return next(instances[at], name);
    const found = instances[at - 1];
    return found !== undefined && compareSpans(found, name) === 0 ? encode(found) : variable(name, Buffer.from([0x81, 0]));
  });
}

function bulk(asked: Answer, repetitions: number, instances: readonly Instance[]): Buffer[] {
  const cursors = Array.from({ length: asked.count }, (_, i) => placeOf(asked.name(i), instances));
  const found: Buffer[] = [];
  let bytes = 0;
  for (let row = 0; row < repetitions; row++) {
    for (const [i, cursor] of cursors.entries()) {
      const one = next(instances[cursor + row], asked.name(i));
      bytes += one.length;
      if (bytes > maxAnswerBytes && found.length > 0) return found;
      found.push(one);
    }
  }
  return found;
}

const next = (instance: Instance | undefined, asked: Span): Buffer =>
  instance === undefined ? variable(asked, Buffer.from([0x82, 0])) : encode(instance);

/** How many instances stand before or at a name. */
function placeOf(name: Span, instances: readonly Instance[]): number {
  let [low, high] = [0, instances.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const instance = instances[middle];
    if (instance !== undefined && compareSpans(instance, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function variable({ bytes, start, end }: Span, value: Uint8Array): Buffer {
  return element(0x30, Buffer.concat([element(0x06, Buffer.from(bytes.subarray(start, end))), value]));
}

function encode(instance: Instance): Buffer {
  const number = Number.parseInt(instance.type, 10);
  try {
    return variable(instance, element(number, contentOf(number, instance)));
  } catch {
    // A value that its recorder could not write either.
    return variable(instance, element(tag.null, Buffer.alloc(0)));
  }
}

function element(type: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}

function contentOf(type: number, { type: written, text }: Instance): Buffer {
  if (written.endsWith("x")) return Buffer.from(text, "hex");
  if (type === tag.octets || type === tag.opaque) return Buffer.from(text, "latin1");
  if (type === tag.oid) return Buffer.from(encodeOid(text));
  if (type === tag.address) return Buffer.from(text.split(".").map(Number));
  return type === tag.null ? Buffer.alloc(0) : integer(BigInt(text === "" ? 0 : text));
}

/** Two's complement in as few bytes as keep the sign. */
function integer(value: bigint): Buffer {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  return Buffer.from(
    BigInt.asUintN(size * 8, value)
      .toString(16)
      .padStart(size * 2, "0"),
    "hex",
  );
}
