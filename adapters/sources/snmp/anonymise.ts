import { tag } from "./ber.ts";
import type { Varbind } from "./decode.ts";
import { indexUnder } from "./oid.ts";

/** Tables whose very indexes are addresses, users or communities, or that list what runs on a host: left out. */
const leftOut: readonly string[] = [
  "1.3.6.1.2.1.3", // at
  ...["20", "21", "22", "24", "32", "34", "35", "37", "38", "39"].map((table) => `1.3.6.1.2.1.4.${table}`), // ip: addresses, routes, neighbours
  "1.3.6.1.2.1.6.13",
  "1.3.6.1.2.1.6.19",
  "1.3.6.1.2.1.6.20",
  "1.3.6.1.2.1.7.5",
  "1.3.6.1.2.1.7.7",
  "1.3.6.1.2.1.14", // ospf
  "1.3.6.1.2.1.15", // bgp
  "1.3.6.1.2.1.17.4.3", // forwarding database
  "1.3.6.1.2.1.17.7.1.2",
  "1.3.6.1.2.1.25.4", // running software
  "1.3.6.1.2.1.25.5",
  "1.3.6.1.2.1.25.6", // installed software
  "1.3.6.1.2.1.55",
  "1.3.6.1.6.3.12", // targets of notifications
  "1.3.6.1.6.3.15", // users
  "1.3.6.1.6.3.16", // views
  "1.3.6.1.6.3.18", // communities
  "1.0.8802.1.1.2.1.3.8", // management addresses of LLDP
  "1.0.8802.1.1.2.1.4.2",
];

/** Objects that say who owns a device, where it stands, which one it is, or who its neighbours are: their text keeps its shape only. */
const telling: readonly string[] = [
  "1.3.6.1.2.1.1.4",
  "1.3.6.1.2.1.1.5",
  "1.3.6.1.2.1.1.6",
  "1.3.6.1.2.1.31.1.1.1.18", // ifAlias
  "1.3.6.1.2.1.47.1.1.1.1.11", // entPhysicalSerialNum
  "1.3.6.1.2.1.47.1.1.1.1.14",
  "1.3.6.1.2.1.47.1.1.1.1.15",
  "1.3.6.1.2.1.43.5.1.1.17", // prtGeneralSerialNumber
  "1.3.6.1.2.1.33.1.1.5", // upsIdentName
  "1.3.6.1.4.1.9.9.23.1.2.1.1", // CDP cache
  ...["5", "7", "8", "9", "10"].map((column) => `1.0.8802.1.1.2.1.4.1.1.${column}`),
  "1.0.8802.1.1.2.1.3.2",
  "1.0.8802.1.1.2.1.3.3",
];

const ipv4 = /\b(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}\b/g;
const mac = /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi;
const mail = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/** Shorter names stand in too many other texts. */
const leastName = 4;

/**
 * A device's variables as a bug report may hold them: numbers, names of parts and the structure stay; names of the device,
 * its place, owner, serial numbers and neighbours lose their letters and digits, here and wherever else they stand;
 * addresses become others, the same for the same. What is only dangerous in ways that nobody could know stays: read it before it is sent.
 */
export function anonymise(varbinds: readonly Varbind[]): readonly Varbind[] {
  const kept = varbinds.filter(({ oid }) => !isUnder(leftOut, oid));
  return new Anonymiser(tellingTexts(varbinds)).all(kept);
}

function isUnder(roots: readonly string[], oid: string): boolean {
  return roots.some((root) => oid === root || indexUnder(root, oid) !== undefined);
}

/** Texts of the telling objects, and of a full name the host, the longest first, so that no part of one is replaced before the whole. */
function tellingTexts(varbinds: readonly Varbind[]): readonly string[] {
  const texts = new Set<string>();
  for (const { oid, value } of varbinds) {
    if (!Buffer.isBuffer(value) || !isUnder(telling, oid)) continue;
    const text = value.toString("latin1").trim();
    for (const part of [text, text.split(".")[0] ?? ""]) {
      if (part.length >= leastName && /\p{L}|\d/u.test(part)) texts.add(part);
    }
  }
  return [...texts].sort((a, b) => b.length - a.length);
}

class Anonymiser {
  readonly #telling: RegExp | undefined;
  readonly #addresses = new Map<string, string>();
  readonly #macs = new Map<string, Buffer>();

  constructor(texts: readonly string[]) {
    const escaped = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    this.#telling = escaped.length === 0 ? undefined : new RegExp(escaped.join("|"), "gi");
  }

  all(varbinds: readonly Varbind[]): readonly Varbind[] {
    return varbinds.map((varbind) => ({ ...varbind, value: this.#value(varbind) }));
  }

  #value({ oid, type, value }: Varbind): Varbind["value"] {
    if (type === tag.address && typeof value === "string") return this.#address(value);
    if (type !== tag.octets || !Buffer.isBuffer(value)) return value;
    if (value.length === 6 && !isPrintable(value)) return this.#mac(value);
    // Byte for byte, so that what is no text comes out as it went in.
    const text = value.toString("latin1");
    return Buffer.from(isUnder(telling, oid) ? shapeOf(text) : this.#text(text), "latin1");
  }

  #text(text: string): string {
    const named = this.#telling === undefined ? text : text.replace(this.#telling, shapeOf);
    return named
      .replace(mail, shapeOf)
      .replace(mac, (found) =>
        (
          this.#mac(Buffer.from(found.replace(/[:-]/g, ""), "hex"))
            .toString("hex")
            .match(/../g) ?? []
        ).join(found[2] ?? ":"),
      )
      .replace(ipv4, (found) => this.#address(found));
  }

  /** Networks for documentation (RFC 5737), and what is no host's address as it is. */
  #address(address: string): string {
    if (/^(?:0\.|127\.|255\.)/.test(address)) return address;
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    const number = this.#addresses.size;
    const network = ["192.0.2", "198.51.100", "203.0.113"][Math.floor(number / 254) % 3] ?? "192.0.2";
    const other = `${network}.${(number % 254) + 1}`;
    this.#addresses.set(address, other);
    return other;
  }

  /** Locally administered (IEEE 802, U/L bit). */
  #mac(address: Buffer): Buffer {
    const key = address.toString("hex");
    if (/^(?:0{12}|f{12})$/.test(key)) return address;
    const known = this.#macs.get(key);
    if (known !== undefined) return known;
    const other = Buffer.alloc(6);
    other.writeUIntBE(0x02_00_00_00_00_01 + this.#macs.size, 0, 6);
    this.#macs.set(key, other);
    return other;
  }
}

function isPrintable(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

/** Letters and digits replaced, the rest as it is. */
function shapeOf(text: string): string {
  return text
    .replace(/[a-z\u00c0-\u00ff]/g, "x")
    .replace(/[A-Z]/g, "X")
    .replace(/\d/g, "0");
}
