import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../../../core/clock.ts";
import type { EngineTime } from "../privacy.ts";

/** Our own engine: for informs it is the authoritative one (RFC 3411 §5, RFC 3414 §1.5.1). */
export interface LocalEngine {
  readonly id: Buffer;
  now(): EngineTime;
}

/**
 * First byte of an id by enterprise, our enterprise number (we have none: the one for documentation, RFC 5612), and the
 * format: octets that somebody administers.
 */
const prefix = Buffer.from([0x80, 0x00, 0x7e, 0xd9, 0x05]);
const randomLength = 12;
/** Where boots ends (RFC 3414 §2.2.1); a new id then begins anew. */
const lastBoots = 0x7fff_ffff;

/**
 * Takes up the engine kept in `file`, or makes one; it has booted once more each time. What cannot be read is replaced by an
 * engine with another id: one that was never seen before cannot be confused by old messages. Throws where the file cannot be written.
 */
export function openLocalEngine(file: string, clock: Clock): LocalEngine {
  const { id, boots } = next(file);
  save(file, JSON.stringify({ id: id.toString("hex"), boots }));
  const start = clock.monotonic();
  return { id, now: () => ({ boots, time: Math.floor((clock.monotonic() - start) / 1000) }) };
}

function next(file: string): { id: Buffer; boots: number } {
  const known = load(file);
  if (known !== undefined && known.boots < lastBoots) return { id: known.id, boots: known.boots + 1 };
  return { id: Buffer.concat([prefix, randomBytes(randomLength)]), boots: 1 };
}

function load(file: string): { id: Buffer; boots: number } | undefined {
  try {
    const { id, boots }: { id?: unknown; boots?: unknown } = JSON.parse(readFileSync(file, "utf8"));
    if (typeof id !== "string" || !/^[0-9a-f]{10,64}$/.test(id) || typeof boots !== "number") return undefined;
    return Number.isInteger(boots) && boots >= 1 ? { id: Buffer.from(id, "hex"), boots } : undefined;
  } catch {
    return undefined;
  }
}

/** After a power cut it is the old file or the new one. */
function save(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const handle = openSync(`${file}.tmp`, "w", 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.tmp`, file);
}
