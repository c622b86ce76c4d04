import { createSocket } from "node:dgram";
import { type Element, element, integerBody, oidBody, readAll, readElement, readInteger, readOid } from "./ber.ts";

/** A managed value: its SMI type and what it is at this moment. */
export type Managed =
  | { readonly type: "integer" | "counter32" | "gauge32" | "timeticks" | "counter64"; readonly get: () => number | bigint }
  | { readonly type: "string"; readonly get: () => string }
  | { readonly type: "oid"; readonly get: () => string };

/** What an agent answers for, by dotted OID of the instance. */
export type Mib = ReadonlyMap<string, Managed>;

export interface SnmpAgent {
  readonly port: number;
  stop(): Promise<void>;
}

const tags = { integer: 0x02, string: 0x04, oid: 0x06, counter32: 0x41, gauge32: 0x42, timeticks: 0x43, counter64: 0x46 } as const;
const endOfMibView = element(0x82);
const noSuchObject = element(0x80);
/** Answers stay inside one Ethernet frame, so that a bulk request gets what fits (RFC 3416 §4.2.3). */
const maxAnswerBytes = 1400;

interface Instance {
  readonly arcs: readonly number[];
  readonly body: Buffer;
  readonly managed: Managed;
}

/**
 * A read-only SNMPv2c agent (RFC 3416) on loopback for simulated devices: GET, GETNEXT and GETBULK on a fixed set of
 * instances. It is silent while `silent()` says so, and to wrong communities, as real ones are.
 */
export function serveSnmp(device: { mib: Mib; community: string; port?: number; silent?: () => boolean }): Promise<SnmpAgent> {
  const instances = sortInstances(device.mib);
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    if (device.silent?.() === true) return;
    try {
      const answer = answerTo(message, device.community, instances);
      if (answer !== undefined) socket.send(answer, from.port, from.address);
    } catch {
      // A packet that cannot be read is dropped, as RFC 3411 agents do (snmpInASNParseErrs).
    }
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(device.port ?? 0, "127.0.0.1", () => {
      resolve({ port: socket.address().port, stop: () => new Promise((done) => socket.close(() => done())) });
    });
  });
}

function sortInstances(mib: Mib): readonly Instance[] {
  return [...mib]
    .map(([oid, managed]) => {
      const arcs = oid.split(".").map(Number);
      return { arcs, body: oidBody(arcs), managed };
    })
    .sort((a, b) => compareOids(a.arcs, b.arcs));
}

function compareOids(a: readonly number[], b: readonly number[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function answerTo(message: Buffer, community: string, instances: readonly Instance[]): Buffer | undefined {
  const [version, name, pdu] = readAll(readElement(message, 0).body);
  if (version === undefined || name === undefined || pdu === undefined) return undefined;
  if (readInteger(version.body) !== 1 || name.body.toString("latin1") !== community) return undefined;
  const [id, first, second, list] = readAll(pdu.body);
  if (id === undefined || first === undefined || second === undefined || list === undefined) return undefined;
  const names = readAll(list.body).map((bind) => readOid(readElement(bind.body, 0).body));
  const bindings = bindingsFor(pdu, names, { nonRepeaters: readInteger(first.body), repetitions: readInteger(second.body) }, instances);
  if (bindings === undefined) return undefined;
  const zero = element(tags.integer, Buffer.from([0]));
  const response = element(0xa2, element(tags.integer, id.body), zero, zero, element(0x30, ...bindings));
  return element(0x30, element(tags.integer, version.body), element(tags.string, name.body), response);
}

function bindingsFor(
  pdu: Element,
  names: readonly (readonly number[])[],
  bulk: { nonRepeaters: number; repetitions: number },
  instances: readonly Instance[],
): Buffer[] | undefined {
  if (pdu.tag === 0xa0) return names.map((oid) => bindExact(oid, instances));
  if (pdu.tag === 0xa1) return names.map((oid) => bindAt(firstAfter(oid, instances), oid, instances));
  if (pdu.tag === 0xa5) return bindBulk(names, bulk, instances);
  return undefined;
}

function bindExact(oid: readonly number[], instances: readonly Instance[]): Buffer {
  const at = firstAfter(oid, instances) - 1;
  const found = instances[at];
  if (found !== undefined && compareOids(found.arcs, oid) === 0) return bind(found);
  return element(0x30, element(tags.oid, oidBody(oid)), noSuchObject);
}

function bindAt(at: number, asked: readonly number[], instances: readonly Instance[]): Buffer {
  const found = instances[at];
  if (found !== undefined) return bind(found);
  // Past the end the name is that of the variable before it (RFC 3416 §4.2.3), or what was asked for where that is later.
  const last = instances.at(-1)?.arcs ?? asked;
  return element(0x30, element(tags.oid, oidBody(compareOids(last, asked) > 0 ? last : asked)), endOfMibView);
}

function bindBulk(
  names: readonly (readonly number[])[],
  bulk: { nonRepeaters: number; repetitions: number },
  instances: readonly Instance[],
): Buffer[] {
  const single = names.slice(0, bulk.nonRepeaters);
  const repeated = names.slice(bulk.nonRepeaters);
  const out = single.map((oid) => bindAt(firstAfter(oid, instances), oid, instances));
  let bytes = out.reduce((sum, one) => sum + one.length, 0);
  const cursors = repeated.map((oid) => firstAfter(oid, instances));
  for (let round = 0; round < bulk.repetitions; round++) {
    // A round in which every column has ended says all there is to say.
    if (round > 0 && cursors.every((cursor) => cursor + round > instances.length)) break;
    for (const [column, oid] of repeated.entries()) {
      const binding = bindAt((cursors[column] ?? 0) + round, oid, instances);
      bytes += binding.length;
      if (bytes > maxAnswerBytes) return out;
      out.push(binding);
    }
  }
  return out;
}

/** Index of the first instance after `oid`. */
function firstAfter(oid: readonly number[], instances: readonly Instance[]): number {
  let low = 0;
  let high = instances.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const instance = instances[middle];
    if (instance !== undefined && compareOids(instance.arcs, oid) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bind(instance: Instance): Buffer {
  return element(0x30, element(tags.oid, instance.body), encode(instance.managed));
}

function encode(managed: Managed): Buffer {
  if (managed.type === "string") return element(tags.string, Buffer.from(managed.get(), "utf8"));
  if (managed.type === "oid") return element(tags.oid, oidBody(managed.get().split(".").map(Number)));
  const value = managed.get();
  return element(tags[managed.type], integerBody(typeof value === "bigint" ? value : BigInt(Math.round(value))));
}
