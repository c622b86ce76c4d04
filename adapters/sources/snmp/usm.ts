import { BerReader, type BerWriter, Malformed, tag } from "./ber.ts";
import type { MessageSigner } from "./hmac.ts";
import { type Ask, type Pdu, readPdu, writePdu } from "./pdu.ts";
import type { EngineTime, Privacy } from "./privacy.ts";

/** msgFlags (RFC 3412 §6.4). */
export const flag = { authenticated: 1, encrypted: 2, reportable: 4 } as const;

const securityModel = 3;
/** The largest message that we take. */
const maxMessageBytes = 65_507;
const nothing = Buffer.alloc(0);

/** What secures messages to one engine; nothing where the user has neither. */
export interface Keys {
  readonly signer: MessageSigner | undefined;
  readonly privacy: Privacy | undefined;
}

/** A request of SNMPv3 with the user-based security model (RFC 3412 §6, RFC 3414 §2.4). */
export interface SecureRequest {
  readonly engine: Buffer;
  readonly at: EngineTime;
  readonly user: Buffer;
  readonly context: Buffer;
  readonly keys: Keys;
  readonly ask: Ask;
}

/** A message that came, of which digest and encryption have been seen to. */
export interface SecureMessage {
  /** msgID. */
  readonly id: number;
  readonly flags: number;
  readonly engine: Buffer;
  readonly at: EngineTime;
  readonly user: Buffer;
  readonly pdu: Pdu;
}

/** A message that is not for us to take: it is counted, and the right one still waited for. */
export class Refused extends Error {}

export function writeSecureMessage(writer: BerWriter, request: SecureRequest): Buffer {
  const { keys, ask } = request;
  writer.clear();
  const end = writer.at;
  const salt = writeScoped(writer, request);
  const digestAt = writeSecurity(writer, request, salt);
  writeHeader(writer, ask.id, flag.reportable | (keys.signer ? flag.authenticated : 0) | (keys.privacy ? flag.encrypted : 0));
  writer.int(3);
  writer.wrap(tag.sequence, end);
  const message = writer.take();
  keys.signer?.sign(message, digestAt - writer.at);
  return message;
}

/** Writes the scoped PDU, encrypted where there is a key; the salt. */
function writeScoped(writer: BerWriter, { at, engine, context, keys, ask }: SecureRequest): Buffer {
  const end = writer.at;
  writePdu(writer, ask);
  writer.octets(context);
  writer.octets(engine);
  writer.wrap(tag.sequence, end);
  if (keys.privacy === undefined) return nothing;
  const { data, salt } = keys.privacy.encrypt(writer.bytes.subarray(writer.at, end), at);
  writer.clear();
  writer.octets(data);
  return salt;
}

/** Writes msgSecurityParameters; where in the writer the digest's place begins. */
function writeSecurity(writer: BerWriter, { engine, at, user, keys }: SecureRequest, salt: Buffer): number {
  const end = writer.at;
  writer.octets(salt);
  writer.octets(Buffer.alloc(keys.signer?.length ?? 0));
  // One byte of tag and one of length stand before it.
  const digestAt = writer.at + 2;
  writer.octets(user);
  writer.int(at.time);
  writer.int(at.boots);
  writer.octets(engine);
  writer.wrap(tag.sequence, end);
  writer.wrap(tag.octets, end);
  return digestAt;
}

function writeHeader(writer: BerWriter, id: number, flags: number): void {
  const end = writer.at;
  writer.int(securityModel);
  writer.octets(Uint8Array.of(flags));
  writer.int(maxMessageBytes);
  writer.int(id);
  writer.wrap(tag.sequence, end);
}

/**
 * Reads a message, checks its digest and decrypts it, as far as its flags say that there is something to check and decrypt:
 * whether they say enough is the caller's to ask. Throws Refused where it is not what it says it is, Malformed where it is no message.
 */
export function readSecureMessage(bytes: Buffer, keys: Keys | undefined): SecureMessage {
  const whole = new BerReader(bytes);
  const end = whole.open(tag.sequence);
  const reader = new BerReader(bytes, whole.at, end);
  reader.int();
  const { id, flags } = readHeader(reader);
  const security = readSecurity(reader);
  if ((flags & flag.authenticated) !== 0) verify(bytes.subarray(0, end), security, keys);
  const scoped = (flags & flag.encrypted) === 0 ? reader : decrypted(reader, security, keys);
  return { id, flags, engine: security.engine, at: security.at, user: security.user, pdu: readScoped(scoped, bytes.length) };
}

function readHeader(reader: BerReader): { readonly id: number; readonly flags: number } {
  const end = reader.open(tag.sequence);
  const id = reader.int();
  reader.int();
  const [flags] = reader.octets();
  if (flags === undefined || reader.int() !== securityModel) throw new Malformed("a security model that is not USM");
  reader.at = end;
  return { id, flags };
}

interface SecurityParameters {
  readonly engine: Buffer;
  readonly at: EngineTime;
  readonly user: Buffer;
  /** Place of the digest in the message, and its length. */
  readonly digestAt: number;
  readonly digestLength: number;
  readonly salt: Uint8Array;
}

function readSecurity(outer: BerReader): SecurityParameters {
  const end = outer.open(tag.octets);
  const reader = new BerReader(outer.bytes, outer.at, end);
  outer.at = end;
  reader.open(tag.sequence);
  const engine = Buffer.from(reader.octets());
  const boots = reader.int();
  const time = reader.int();
  const user = Buffer.from(reader.octets());
  const digest = reader.octets();
  const digestAt = reader.at - digest.length;
  return { engine, at: { boots, time }, user, digestAt, digestLength: digest.length, salt: reader.octets() };
}

function verify(message: Buffer, { digestAt, digestLength }: SecurityParameters, keys: Keys | undefined): void {
  const signer = keys?.signer;
  if (signer === undefined) throw new Refused("an authenticated message where there is no key");
  if (digestLength !== signer.length || !signer.verify(message, digestAt)) throw new Refused("a message with a wrong digest");
}

function decrypted(reader: BerReader, { salt, at }: SecurityParameters, keys: Keys | undefined): BerReader {
  if (keys?.privacy === undefined) throw new Refused("an encrypted message where there is no key");
  try {
    return new BerReader(keys.privacy.decrypt(reader.octets(), salt, at));
  } catch (cause) {
    throw new Malformed("a message that cannot be decrypted", { cause });
  }
}

function readScoped(reader: BerReader, datagramBytes: number): Pdu {
  const end = reader.open(tag.sequence);
  reader.octets();
  reader.octets();
  if (reader.at > end) throw new Malformed("a scoped PDU that passes its end");
  return readPdu(reader, datagramBytes);
}
