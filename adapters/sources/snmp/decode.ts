import { tag } from "./ber.ts";

/** One variable of an answer: Counter64, Opaque and OCTET STRING are Buffers, OIDs and addresses dotted text. */
export interface Varbind {
  readonly oid: string;
  /** BER tag: 2, 4, 5, 6, 64-68, 70, 128-130 for "there is none"; 0 where the value cannot be decoded. */
  readonly type: number;
  readonly value: number | string | Buffer | null;
}

const maxTextLength = 255;
const numeric = /^\s*[-+]?\d+(\.\d+)?\s*$/;

/** A counter as the device counts, exact. */
export interface Count {
  readonly value: bigint;
  readonly bits: 32 | 64;
}

/**
 * A value as a double: integers up to 2^53 exact, Counter64 rounded once; text that is a number, and Opaque float and
 * double (net-snmp's 9f78 and 9f79), too. NaN where it is not a number.
 */
export function numberOf({ type, value }: Pick<Varbind, "type" | "value">): number {
  if (typeof value === "number") return value;
  if (!Buffer.isBuffer(value)) return Number.NaN;
  if (type === tag.counter64) return counterToNumber(value);
  if (type === tag.octets) return textToNumber(value);
  return type === tag.opaque ? opaqueToNumber(value) : Number.NaN;
}

/** As numberOf; a negative INTEGER is read as one of 32 bits without sign. */
export function unsignedOf(varbind: Pick<Varbind, "type" | "value">): number {
  const value = numberOf(varbind);
  return varbind.type === tag.integer && value < 0 ? value + 2 ** 32 : value;
}

/** A counter's exact value; undefined where the value is not a counter's. A Gauge32 or INTEGER that is meant as one has 32 bits. */
export function countOf({ type, value }: Pick<Varbind, "type" | "value">): Count | undefined {
  if (type === tag.counter64) return Buffer.isBuffer(value) ? { value: counterToBigInt(value), bits: 64 } : undefined;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? { value: BigInt(value), bits: 32 } : undefined;
}

/**
 * A value as text for a label or a fact, at most 255 characters, without control characters; bytes that are not text as
 * hexadecimal pairs with colons. Undefined where there is none.
 */
export function textOf({ value }: Pick<Varbind, "type" | "value">): string | undefined {
  if (value === null) return undefined;
  if (!Buffer.isBuffer(value)) return String(value);
  if (isPlain(value)) return value.toString("latin1", 0, Math.min(value.length, maxTextLength));
  const text = clean(value.toString("utf8"));
  if (text.includes("\ufffd")) return (value.toString("hex").match(/../g) ?? []).join(":").slice(0, maxTextLength);
  return text === "" ? undefined : text.slice(0, maxTextLength);
}

/** Printable ASCII that begins and ends with no blank, as most text is: it needs no cleaning. */
function isPlain(bytes: Buffer): boolean {
  if (bytes.length === 0 || bytes[0] === 0x20 || bytes[bytes.length - 1] === 0x20) return false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

function clean(text: string): string {
  // Agents pad with NUL and end lines with CR LF; nothing of that belongs into a label.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/** 0 to 9 bytes: no leading zeros, or one more for the sign. */
function counterToBigInt(bytes: Buffer): bigint {
  const middle = Math.max(0, bytes.length - 4);
  const high = fold(bytes, Math.max(0, bytes.length - 8), middle);
  return (BigInt(high) << 32n) | BigInt(fold(bytes, middle, bytes.length));
}

function counterToNumber(bytes: Buffer): number {
  return counterIn(bytes, 0, bytes.length);
}

/** A Counter64's content as a double. */
export function counterIn(bytes: Uint8Array, start: number, end: number): number {
  const middle = Math.max(start, end - 4);
  return fold(bytes, Math.max(start, end - 8), middle) * 2 ** 32 + fold(bytes, middle, end);
}

/** Up to four bytes as a number, the first the most significant. */
function fold(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function textToNumber(bytes: Buffer): number {
  if (bytes.length === 0 || bytes.length > 32) return Number.NaN;
  const text = bytes.toString("latin1").replace(/\0+$/, "");
  return numeric.test(text) ? Number(text) : Number.NaN;
}

function opaqueToNumber(bytes: Buffer): number {
  if (bytes.length < 3 || bytes[0] !== 0x9f || bytes[2] !== bytes.length - 3) return Number.NaN;
  if (bytes[1] === 0x78 && bytes.length === 7) return bytes.readFloatBE(3);
  return bytes[1] === 0x79 && bytes.length === 11 ? bytes.readDoubleBE(3) : Number.NaN;
}
