import { tag } from "./ber.ts";
import type { Varbind } from "./decode.ts";

/** Names of the types of SMIv2 (RFC 2578), by BER tag. */
export const typeNames: Readonly<Record<number, string>> = {
  [tag.integer]: "INTEGER",
  [tag.octets]: "OCTET STRING",
  [tag.null]: "NULL",
  [tag.oid]: "OBJECT IDENTIFIER",
  [tag.address]: "IpAddress",
  [tag.counter32]: "Counter32",
  [tag.gauge32]: "Gauge32",
  [tag.ticks]: "TimeTicks",
  [tag.opaque]: "Opaque",
  [tag.counter64]: "Counter64",
  [tag.noSuchObject]: "noSuchObject",
  [tag.noSuchInstance]: "noSuchInstance",
  [tag.endOfMibView]: "endOfMibView",
};

/** A value as people read it: numbers as digits, text as it is, other bytes as hexadecimal pairs. */
export function valueText({ type, value }: Pick<Varbind, "type" | "value">): string {
  if (value === null) return "";
  if (!Buffer.isBuffer(value)) return String(value);
  if (type === tag.counter64) return counterText(value);
  return isText(value) ? value.toString("utf8") : (value.toString("hex").match(/../g) ?? []).join(" ");
}

/** One line of a snmprec file (snmpsim 0.4): `OID|type|value`, with an `x` after the type where the value is hexadecimal. */
export function recordLine({ oid, type, value }: Varbind): string {
  if (!Buffer.isBuffer(value)) return `${oid}|${type}|${value ?? ""}`;
  if (type === tag.counter64) return `${oid}|${type}|${counterText(value)}`;
  const plain = type === tag.octets && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value.toString("latin1"));
  return plain || value.length === 0 ? `${oid}|${type}|${value.toString("latin1")}` : `${oid}|${type}x|${value.toString("hex")}`;
}

function counterText(bytes: Buffer): string {
  return bytes.length === 0 ? "0" : BigInt.asUintN(64, BigInt(`0x${bytes.toString("hex")}`)).toString();
}

function isText(bytes: Buffer): boolean {
  const text = bytes.toString("utf8");
  return !text.includes("\ufffd") && !/[^\P{Cc}\n\r\t]/u.test(text);
}
