import { createSocket, type RemoteInfo } from "node:dgram";
import type { Answer } from "../adapters/sources/snmp/answer.ts";
import { BerReader, BerWriter, tag } from "../adapters/sources/snmp/ber.ts";
import { readCommunityMessage } from "../adapters/sources/snmp/community.ts";
import { MessageSigner } from "../adapters/sources/snmp/hmac.ts";
import { KeyRing, privacyKey } from "../adapters/sources/snmp/keys.ts";
import { compareSpans, encodeOid, type Span } from "../adapters/sources/snmp/oid.ts";
import type { Pdu } from "../adapters/sources/snmp/pdu.ts";
import { createPrivacy } from "../adapters/sources/snmp/privacy.ts";
import { flag, type Keys, readSecureMessage, type SecureMessage } from "../adapters/sources/snmp/usm.ts";
import { columns, fewColumns, ports, scalars, sensors, user } from "./snmp-columns.ts";

/**
 * A device for benches, in a process of its own: answers GET, GETNEXT and GETBULK of v2c and of v3 from variables that
 * were encoded once, and checks little. Prints its port.
 */

interface Instance {
  readonly name: Span;
  /** The variable as it is sent. */
  readonly bytes: Uint8Array;
}

const engine = Buffer.from("80001f8804bench-switch", "latin1");
const started = performance.now();
const writer = new BerWriter();
const instances = makeInstances();
const places = new Map(instances.map(({ name }, i) => [keyOf(name), i]));
/** usmStatsUnknownEngineIDs (RFC 3414 §3.2). */
const unknownEngine = instance("1.3.6.1.6.3.15.1.1.4.0", 0x41, 1n);
const maxAnswerBytes = 1400;

const ring = new KeyRing();
const signer = new MessageSigner("sha256", await ring.localise("sha256", user.auth, engine));
const key = await privacyKey(ring, { hash: "sha256", passphrase: user.privacy, engine, length: 16, extension: "blumenthal" });
const keys: Keys = { signer, privacy: createPrivacy("aes", key) };

const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
socket.on("message", (bytes, from) => {
  try {
    answer(bytes, from);
  } catch {
    // Dropped, as agents do with what they cannot read.
  }
});
socket.bind(0, "127.0.0.1", () => process.stdout.write(`${socket.address().port}\n`));
process.on("disconnect", () => process.exit(0));

function makeInstances(): readonly Instance[] {
  const cells = columns.flatMap((column, c) =>
    Array.from({ length: ports }, (_, p) => instance(`${column.oid}.${p + 1}`, column.tag, cellOf(column.tag, c, p))),
  );
  // What follows the table, so that a walk of its last column ends as on a device that has more.
  const tail = instance("1.3.6.1.2.1.31.1.2.1.3.0.1", 0x02, 1n);
  // Asked for with the scalars, whatever the profile: restarts show in it.
  const upTime = instance("1.3.6.1.2.1.1.3.0", 0x43, 123_456n);
  const few = fewColumns.flatMap((column) =>
    Array.from({ length: sensors }, (_, i) => instance(`${column}.${i + 1}`, 0x42, BigInt(20 + i))),
  );
  const all = [upTime, ...few, ...scalars.map((oid, i) => instance(oid, 0x42, BigInt(1000 + i))), ...cells, tail];
  return all.sort((a, b) => compareSpans(a.name, b.name));
}

function cellOf(type: number, column: number, port: number): bigint {
  if (type === 0x02) return BigInt(1 + ((column + port) % 2));
  return type === 0x41 ? BigInt(70_000 * port + column) : 7_204_511_331_207n + BigInt(port * 1000 + column);
}

function instance(oid: string, type: number, value: bigint): Instance {
  const bytes = encodeOid(oid);
  const digits = value.toString(16);
  const even = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  writer.clear();
  const end = writer.at;
  writer.copy((even[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), even]) : even);
  writer.wrap(type, end);
  const name = writer.at;
  writer.copy(bytes);
  writer.wrap(tag.oid, name);
  writer.wrap(tag.sequence, end);
  return { name: { bytes, start: 0, end: bytes.length }, bytes: writer.take() };
}

function answer(bytes: Buffer, from: RemoteInfo): void {
  const version = new BerReader(bytes, 0);
  version.open(tag.sequence);
  const reply = version.int() === 3 ? secureReply(bytes) : communityReply(bytes);
  socket.send(reply, from.port, from.address);
}

function communityReply(bytes: Buffer): Buffer {
  const { community, pdu } = readCommunityMessage(bytes);
  writer.clear();
  const end = writer.at;
  writeResponse(pdu);
  writer.octets(community);
  writer.int(1);
  writer.wrap(tag.sequence, end);
  return writer.take();
}

function secureReply(bytes: Buffer): Buffer {
  const secured = isAuthenticated(bytes);
  const message = readSecureMessage(bytes, secured ? keys : undefined);
  const now = { boots: 1, time: Math.floor((performance.now() - started) / 1000) };
  writer.clear();
  const end = writer.at;
  const salt = writeScoped(message, secured, now);
  const digestAt = writeSecurity(message.user, { salt, digest: secured ? signer.length : 0, ...now });
  const header = writer.at;
  writer.int(3);
  writer.octets(Uint8Array.of(secured ? flag.authenticated | flag.encrypted : 0));
  writer.int(65_507);
  writer.int(message.id);
  writer.wrap(tag.sequence, header);
  writer.int(3);
  writer.wrap(tag.sequence, end);
  const reply = writer.take();
  if (secured) signer.sign(reply, digestAt - writer.at);
  return reply;
}

/** The flags stand at the same place in every header: after an INTEGER and another. */
function isAuthenticated(bytes: Buffer): boolean {
  const reader = new BerReader(bytes);
  reader.open(tag.sequence);
  reader.int();
  reader.open(tag.sequence);
  reader.int();
  reader.int();
  return ((reader.octets()[0] ?? 0) & flag.authenticated) !== 0;
}

/** The response, encrypted; or a report in the clear. The salt. */
function writeScoped(message: SecureMessage, secured: boolean, now: { readonly boots: number; readonly time: number }): Buffer {
  const end = writer.at;
  if (secured) writeResponse(message.pdu);
  else writeReport(message);
  writer.octets(Buffer.alloc(0));
  writer.octets(engine);
  writer.wrap(tag.sequence, end);
  if (!secured || keys.privacy === undefined) return Buffer.alloc(0);
  const { data, salt } = keys.privacy.encrypt(writer.bytes.subarray(writer.at, end), now);
  writer.clear();
  writer.octets(data);
  return salt;
}

/** Where the digest's place begins in the writer. */
function writeSecurity(
  name: Buffer,
  of: { readonly salt: Buffer; readonly digest: number; readonly boots: number; readonly time: number },
): number {
  const end = writer.at;
  writer.octets(of.salt);
  writer.octets(Buffer.alloc(of.digest));
  const digestAt = writer.at + 2;
  writer.octets(name);
  writer.int(of.time);
  writer.int(of.boots);
  writer.octets(engine);
  writer.wrap(tag.sequence, end);
  writer.wrap(tag.octets, end);
  return digestAt;
}

/** How an engine is discovered. */
function writeReport({ pdu }: SecureMessage): void {
  writePdu(0xa8, pdu.id, unknownEngine.bytes);
}

/** Variables that were asked for before, by what was asked. */
const known = new Map<string, Uint8Array>();

function writeResponse(pdu: Pdu): void {
  const { bytes, start } = pdu.answer.name(0);
  const asked = `${pdu.kind} ${pdu.index} ${keyOf({ bytes, start, end: pdu.answer.name(pdu.answer.count - 1).end })}`;
  const variables =
    known.get(asked) ?? encoded(pdu.kind === 0xa5 ? bulk(pdu.answer, pdu.index) : one(pdu.answer, pdu.kind === 0xa0 ? 0 : 1));
  known.set(asked, variables);
  writePdu(0xa2, pdu.id, variables);
}

function encoded(variables: readonly Instance[]): Uint8Array {
  return Buffer.concat(variables.map(({ bytes }) => bytes));
}

function writePdu(kind: number, id: number, variables: Uint8Array): void {
  const end = writer.at;
  writer.copy(variables);
  writer.wrap(tag.sequence, end);
  writer.int(0);
  writer.int(0);
  writer.int(id);
  writer.wrap(kind, end);
}

function one(asked: Answer, step: 0 | 1): Instance[] {
  return Array.from({ length: asked.count }, (_, i) => at(placeOf(asked.name(i)) + step - 1));
}

function bulk(asked: Answer, repetitions: number): Instance[] {
  const cursors = Array.from({ length: asked.count }, (_, i) => placeOf(asked.name(i)));
  const found: Instance[] = [];
  let bytes = 0;
  for (let row = 0; row < repetitions; row++) {
    for (const cursor of cursors) {
      const next = at(cursor + row);
      bytes += next.bytes.length;
      if (bytes > maxAnswerBytes) return found;
      found.push(next);
    }
  }
  return found;
}

function at(place: number): Instance {
  return instances[Math.min(place, instances.length - 1)] ?? instance("1.3.6.1", 0x82, 0n);
}

/** How many instances stand before or at a name. */
function placeOf(name: Span): number {
  const known = places.get(keyOf(name));
  if (known !== undefined) return known + 1;
  const after = instances.findIndex((other) => compareSpans(other.name, name) > 0);
  return after < 0 ? instances.length : after;
}

function keyOf({ bytes, start, end }: Span): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
