import { BerWriter, Malformed, tag } from "../adapters/sources/snmp/ber.ts";
import { readCommunityMessage } from "../adapters/sources/snmp/community.ts";
import { encodeOid } from "../adapters/sources/snmp/oid.ts";
import { Refused, readSecureMessage } from "../adapters/sources/snmp/usm.ts";
import type { BenchRow } from "./row.ts";

const batches = 1000;
const perBatch = 1000;
/** No reply may cost much more than another: CPU of the worst thousand, ms. The collector of garbage takes its part. */
const bound = 200;

/** A reply of v2c and one of v3 in the clear, with variables of every kind. */
const values: readonly (readonly [type: number, hex: string])[] = [
  [tag.integer, "07"],
  [tag.octets, "47692f302f31"],
  [tag.oid, "2b0601040109"],
  [tag.address, "7f000001"],
  [tag.counter32, "00ffffffff"],
  [tag.ticks, "0f4240"],
  [tag.opaque, "9f780442f60000"],
  [tag.counter64, "068d6c2a57a7"],
  [tag.noSuchInstance, ""],
];
const replies = [communityReply(), secureReply()];

/** A million replies, each bent in one to four bytes: read or refused, never anything else, and none of them slow. */
export function decodeBench(): BenchRow {
  const random = generator(20_261_122);
  let [read, worst] = [0, 0];
  for (let batch = 0; batch < batches; batch++) {
    const before = process.cpuUsage();
    for (let i = 0; i < perBatch; i++) {
      const kind = i % replies.length;
      if (isRead(bend(replies[kind] ?? Buffer.alloc(0), random), kind)) read++;
    }
    const { user, system } = process.cpuUsage(before);
    worst = Math.max(worst, (user + system) / 1000);
  }
  if (worst > bound) throw new Error(`a thousand mutated replies took ${worst} ms`);
  return { name: "1,000,000 mutated replies: the slowest thousand", value: worst, unit: "ms CPU", note: `${read} could be read` };
}

function bend(reply: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(reply);
  for (let n = 1 + (random() % 4); n > 0; n--) bytes[random() % bytes.length] = random() & 0xff;
  return random() % 4 === 0 ? bytes.subarray(0, random() % bytes.length) : bytes;
}

/** False where it was refused in one of the two ways there are; anything else is thrown. */
function isRead(bytes: Buffer, kind: number): boolean {
  try {
    const { pdu } = kind === 0 ? readCommunityMessage(bytes) : readSecureMessage(bytes, undefined);
    for (let i = 0; i < pdu.answer.count; i++) {
      pdu.answer.values.number(pdu.answer.valueAt(i));
      pdu.answer.values.text(pdu.answer.valueAt(i));
    }
    return true;
  } catch (error) {
    if (error instanceof Malformed || error instanceof Refused) return false;
    throw error;
  }
}

/** xorshift32: the same mutations in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function communityReply(): Buffer {
  const writer = new BerWriter();
  const end = writer.at;
  writeReply(writer);
  writer.octets(Buffer.from("public"));
  writer.int(1);
  writer.wrap(tag.sequence, end);
  return writer.take();
}

function secureReply(): Buffer {
  const writer = new BerWriter();
  const end = writer.at;
  writeReply(writer);
  for (const part of ["", "\x80\0\0\0\x01\x02\x03\x04"]) writer.octets(Buffer.from(part, "latin1"));
  writer.wrap(tag.sequence, end);
  const security = writer.at;
  for (const part of ["", "", "user"]) writer.octets(Buffer.from(part));
  writer.int(100);
  writer.int(1);
  writer.octets(Buffer.from("\x80\0\0\0\x01\x02\x03\x04", "latin1"));
  writer.wrap(tag.sequence, security);
  writer.wrap(tag.octets, security);
  const header = writer.at;
  writer.int(3);
  writer.octets(Buffer.of(0));
  writer.int(65_507);
  writer.int(4711);
  writer.wrap(tag.sequence, header);
  writer.int(3);
  writer.wrap(tag.sequence, end);
  return writer.take();
}

function writeReply(writer: BerWriter): void {
  const end = writer.at;
  for (const [type, hex] of values) writeVariable(writer, type, Buffer.from(hex, "hex"));
  writer.wrap(tag.sequence, end);
  writer.int(0);
  writer.int(0);
  writer.int(4711);
  writer.wrap(0xa2, end);
}

function writeVariable(writer: BerWriter, type: number, value: Buffer): void {
  const end = writer.at;
  writer.copy(value);
  writer.wrap(type, end);
  const name = writer.at;
  writer.copy(encodeOid("1.3.6.1.2.1.31.1.1.1.6.70000"));
  writer.wrap(tag.oid, name);
  writer.wrap(tag.sequence, end);
}
