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
/** Where a digest goes later: as long as any. */
const zeros = Buffer.alloc(64);

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

/** The outside of a message: who says something to whom. Whether it is signed and encrypted is the keys' to say. */
export interface Sealing {
  /** msgID. */
  readonly id: number;
  /** A report is wanted where it cannot be taken. */
  readonly reportable: boolean;
  readonly engine: Buffer;
  readonly at: EngineTime;
  readonly user: Buffer;
  readonly context: Uint8Array;
  /** contextEngineID, where it is not the engine above: of an inform it is the sender's, and a Response repeats it. */
  readonly contextEngine?: Uint8Array;
  readonly keys: Keys;
}

export function writeSecureMessage(writer: BerWriter, request: SecureRequest): Buffer {
  const { engine, at, user, context, keys, ask } = request;
  return writeSealed(writer, { id: ask.id, reportable: true, engine, at, user, context, keys }, () => writePdu(writer, ask));
}

/** Writes a message around the PDU that `pdu` writes. */
export function writeSealed(writer: BerWriter, sealing: Sealing, pdu: () => void): Buffer {
  const { id, reportable, keys } = sealing;
  writer.clear();
  const end = writer.at;
  pdu();
  const salt = writeScoped(writer, sealing, end);
  const digestAt = writeSecurity(writer, sealing, salt);
  writeHeader(
    writer,
    id,
    (reportable ? flag.reportable : 0) | (keys.signer ? flag.authenticated : 0) | (keys.privacy ? flag.encrypted : 0),
  );
  writer.int(3);
  writer.wrap(tag.sequence, end);
  const message = writer.take();
  keys.signer?.sign(message, digestAt - writer.at);
  return message;
}

/** Makes a scoped PDU of the PDU that ends at `end`, encrypted where there is a key; the salt. */
function writeScoped(writer: BerWriter, { at, engine, context, contextEngine = engine, keys }: Sealing, end: number): Buffer {
  writer.octets(context);
  writer.octets(contextEngine);
  writer.wrap(tag.sequence, end);
  if (keys.privacy === undefined) return nothing;
  const { data, salt } = keys.privacy.encrypt(writer.bytes.subarray(writer.at, end), at);
  writer.clear();
  writer.octets(data);
  return salt;
}

/** Writes msgSecurityParameters; where in the writer the digest's place begins. */
function writeSecurity(writer: BerWriter, { engine, at, user, keys }: Sealing, salt: Buffer): number {
  const end = writer.at;
  writer.octets(salt);
  const digestEnd = writer.at;
  writer.copy(zeros, 0, keys.signer?.length ?? 0);
  const digestAt = writer.at;
  writer.wrap(tag.octets, digestEnd);
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
  const flagsEnd = writer.at;
  writer.byte(flags);
  writer.wrap(tag.octets, flagsEnd);
  writer.int(maxMessageBytes);
  writer.int(id);
  writer.wrap(tag.sequence, end);
}

/**
 * Reads a message, checks its digest and decrypts it, as far as its flags say that there is something to check and decrypt:
 * whether they say enough is the caller's to ask. Throws Refused where it is not what it says it is, Malformed where it is no message.
 */
export function readSecureMessage(bytes: Buffer, keys: Keys | undefined): SecureMessage {
  const sealed = readSealed(bytes);
  const { id, flags, engine, at, user } = sealed;
  verifySealed(sealed, keys);
  const scoped = unseal(sealed, keys);
  readContext(scoped);
  return { id, flags, engine, at, user, pdu: readPdu(scoped, bytes.length) };
}

/** A message of which neither digest nor encryption has been seen to: anybody may have written any of it. */
export interface SealedMessage extends SecurityParameters {
  /** msgID. */
  readonly id: number;
  readonly flags: number;
  /** What the digest is of. */
  readonly bytes: Buffer;
  /** At the scoped PDU, or at what it was encrypted to. */
  readonly rest: BerReader;
}

/** Throws Malformed where the bytes are no message of SNMPv3. */
export function readSealed(bytes: Buffer): SealedMessage {
  const whole = new BerReader(bytes);
  const end = whole.open(tag.sequence);
  const rest = new BerReader(bytes, whole.at, end);
  rest.int();
  const { id, flags } = readHeader(rest);
  const { engine, at, user, digestAt, digestLength, salt } = readSecurity(rest);
  return { id, flags, engine, at, user, digestAt, digestLength, salt, bytes: bytes.subarray(0, end), rest };
}

/** Checks the digest, where the flags say that there is one. Throws Refused. */
export function verifySealed(message: SealedMessage, keys: Keys | undefined): void {
  if ((message.flags & flag.authenticated) !== 0) verify(message.bytes, message, keys);
}

/** At the scoped PDU, decrypted where the flags say so. Throws Refused or Malformed. */
export function unseal(message: SealedMessage, keys: Keys | undefined): BerReader {
  return (message.flags & flag.encrypted) === 0 ? message.rest : decrypted(message.rest, message, keys);
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

export interface SecurityParameters {
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

/** contextEngineID and contextName (RFC 3412 §6.8). */
export interface Context {
  readonly engine: Uint8Array;
  readonly name: Uint8Array;
}

/** Enters a scoped PDU, up to its PDU. */
export function readContext(reader: BerReader): Context {
  const end = reader.open(tag.sequence);
  const engine = reader.octets();
  const name = reader.octets();
  if (reader.at > end) throw new Malformed("a scoped PDU that passes its end");
  return { engine, name };
}
