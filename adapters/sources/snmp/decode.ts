import type { Varbind } from "./session.ts";

/** BER tags of SNMP values (RFC 2578 §7.1, RFC 1155 §3.2.3). */
const tag = { integer: 2, octets: 4, oid: 6, address: 64, counter32: 65, gauge32: 66, ticks: 67, opaque: 68, counter64: 70 } as const;

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
export function numberOf({ type, value }: Varbind): number {
  if (typeof value === "number") return value;
  if (!Buffer.isBuffer(value)) return Number.NaN;
  if (type === tag.counter64) return counterToNumber(value);
  if (type === tag.octets) return textToNumber(value);
  return type === tag.opaque ? opaqueToNumber(value) : Number.NaN;
}

/** As numberOf; a negative INTEGER is read as one of 32 bits without sign. */
export function unsignedOf(varbind: Varbind): number {
  const value = numberOf(varbind);
  return varbind.type === tag.integer && value < 0 ? value + 2 ** 32 : value;
}

/** A counter's exact value; undefined where the value is not a counter's. A Gauge32 or INTEGER that is meant as one has 32 bits. */
export function countOf({ type, value }: Varbind): Count | undefined {
  if (type === tag.counter64) return Buffer.isBuffer(value) ? { value: counterToBigInt(value), bits: 64 } : undefined;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? { value: BigInt(value), bits: 32 } : undefined;
}

/**
 * A value as text for a label or a fact, at most 255 characters, without control characters; bytes that are not text as
 * hexadecimal pairs with colons. Undefined where there is none.
 */
export function textOf({ value }: Varbind): string | undefined {
  if (value === null) return undefined;
  if (!Buffer.isBuffer(value)) return String(value);
  const text = clean(value.toString("utf8"));
  if (text.includes("\ufffd")) return (value.toString("hex").match(/../g) ?? []).join(":").slice(0, maxTextLength);
  return text === "" ? undefined : text.slice(0, maxTextLength);
}

function clean(text: string): string {
  // Agents pad with NUL and end lines with CR LF; nothing of that belongs into a label.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/** The library hands out 0 to 9 bytes: no leading zeros, or one more for the sign. */
function counterToBigInt(bytes: Buffer): bigint {
  const middle = Math.max(0, bytes.length - 4);
  const high = fold(bytes, Math.max(0, bytes.length - 8), middle);
  return (BigInt(high) << 32n) | BigInt(fold(bytes, middle, bytes.length));
}

function counterToNumber(bytes: Buffer): number {
  const middle = Math.max(0, bytes.length - 4);
  return fold(bytes, Math.max(0, bytes.length - 8), middle) * 2 ** 32 + fold(bytes, middle, bytes.length);
}

/** Up to four bytes as a number, the first the most significant. */
function fold(bytes: Buffer, start: number, end: number): number {
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
