import { SocketAddress } from "node:net";
import { topologyLimits } from "../../../../core/topology.ts";
import type { Varbind } from "../decode.ts";
import { textOf } from "../decode.ts";

/** A value as it came from the device. */
export type Cell = Pick<Varbind, "type" | "value">;

const written = /^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^[0-9a-f]{12}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i;

/**
 * A MAC address as `00:1b:21:0a:0b:0c`, of six bytes or of text (`00-1B-21-0A-0B-0C`, `001b.210a.0b0c`, some agents send that).
 * Undefined where it is none, or nobody's: all zeros, or a group's.
 */
export function macOf(cell: Cell | undefined): string | undefined {
  if (cell === undefined || !Buffer.isBuffer(cell.value)) return undefined;
  if (cell.value.length === 6) return macOfBytes(cell.value);
  return macOfText(cell.value.toString("latin1"));
}

/** As macOf, of text. */
export function macOfText(text: string): string | undefined {
  return written.test(text) ? macOfBytes(Buffer.from(text.replace(/[^0-9a-f]/gi, ""), "hex")) : undefined;
}

/** As macOf, of the arcs of an index. */
export function macOfArcs(arcs: readonly number[]): string | undefined {
  return arcs.length === 6 && arcs.every(isByte) ? macOfBytes(Uint8Array.from(arcs)) : undefined;
}

function macOfBytes(bytes: Uint8Array): string | undefined {
  const isGroup = ((bytes[0] ?? 0) & 1) === 1;
  if (isGroup || bytes.every((byte) => byte === 0)) return undefined;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** An IPv4 or IPv6 address in its usual form; undefined for other lengths, and for addresses of nobody or everybody. */
export function addressOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return isNobody(bytes) ? undefined : bytes.join(".");
  if (bytes.length !== 16 || isNobody(bytes)) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16));
  return new SocketAddress({ family: "ipv6", address: groups.join(":") }).address;
}

function isNobody(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return (
    bytes.every((byte) => byte === 0) ||
    bytes.every((byte) => byte === 255) ||
    (bytes.length === 4 ? first >= 224 && first < 240 : first === 255)
  );
}

/** As addressOf, of the arcs of an index: with its length before it, as the MIBs want it, or without, as some agents write it. */
export function addressOfArcs(arcs: readonly number[]): string | undefined {
  const bytes = arcs.length === (arcs[0] ?? -1) + 1 ? arcs.slice(1) : arcs;
  return bytes.every(isByte) ? addressOf(Uint8Array.from(bytes)) : undefined;
}

/** Arcs of an index in dotted text. */
export function arcsOf(index: string): number[] {
  return index.split(".").map(Number);
}

function isByte(arc: number): boolean {
  return Number.isInteger(arc) && arc >= 0 && arc <= 255;
}

/** Text of a device, bounded; empty where there is none. */
export function wordOf(cell: Cell | undefined): string {
  return (cell === undefined ? undefined : textOf(cell))?.trim().slice(0, topologyLimits.text) ?? "";
}

/** The number in a cell; undefined where it holds none. */
export function wholeOf(cell: Cell | undefined): number | undefined {
  return typeof cell?.value === "number" ? cell.value : undefined;
}

/** What the subtypes of LldpChassisIdSubtype and LldpPortIdSubtype mean that are not plain text (IEEE 802.1AB-2005 §12). */
const chassisForms: Readonly<Record<number, "mac" | "address">> = { 4: "mac", 5: "address" };
const portForms: Readonly<Record<number, "mac" | "address">> = { 3: "mac", 4: "address" };

/** Text of a chassis id: MAC and network addresses in their usual form, everything else as the text that it is. */
export function chassisId(subtype: number | undefined, id: Cell | undefined): string {
  return identifier(chassisForms[subtype ?? 0], id);
}

/** Text of a port id, as chassisId. */
export function portId(subtype: number | undefined, id: Cell | undefined): string {
  return identifier(portForms[subtype ?? 0], id);
}

function identifier(form: "mac" | "address" | undefined, id: Cell | undefined): string {
  const found = form === "mac" ? macOf(id) : form === "address" ? taggedAddress(id) : undefined;
  return found ?? (form !== undefined && isBinary(id) ? hexOf(id) : wordOf(id));
}

/** Bytes that are neither what their subtype says nor text. */
function isBinary(id: Cell | undefined): boolean {
  return Buffer.isBuffer(id?.value) && id.value.some((byte) => byte < 0x20);
}

/** Empty where all is zero: that is nobody's. */
function hexOf(id: Cell | undefined): string {
  if (!Buffer.isBuffer(id?.value) || id.value.every((byte) => byte === 0)) return "";
  return Array.from(id.value.subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** A network address behind its IANA family number: 1 IPv4, 2 IPv6. */
function taggedAddress(id: Cell | undefined): string | undefined {
  if (!Buffer.isBuffer(id?.value)) return undefined;
  const [family] = id.value;
  const length = family === 1 ? 4 : family === 2 ? 16 : -1;
  return id.value.length === length + 1 ? addressOf(id.value.subarray(1)) : undefined;
}
