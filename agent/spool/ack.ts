import { crc32 } from "node:zlib";
import { type SpoolFile, type SpoolFiles, writeAll } from "./files.ts";

const slotBytes = 12;
const slotNames = ["ack.a", "ack.b"] as const;

/**
 * How far the collector has acknowledged, on disk: two slots written in turn, so that a write cut by a power cut leaves the
 * other one. Losing it only causes batches to be sent again.
 */
export class AckSlots {
  readonly #slots: readonly SpoolFile[];
  #turn: number;
  #seq: number;

  private constructor(slots: readonly SpoolFile[], newest: { readonly seq: number; readonly turn: number }) {
    this.#slots = slots;
    this.#seq = newest.seq;
    this.#turn = newest.turn;
  }

  static async open(files: SpoolFiles, folder: string): Promise<AckSlots> {
    const slots: SpoolFile[] = [];
    let newest = { seq: 0, turn: 0 };
    for (const [at, name] of slotNames.entries()) {
      const slot = await files.open(`${folder}/${name}`, "update");
      slots.push(slot);
      const seq = await readSlot(slot);
      if (seq > newest.seq) newest = { seq, turn: 1 - at };
    }
    return new AckSlots(slots, newest);
  }

  /** Durable acknowledgement; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** Durable when it resolves. */
  async write(seq: number): Promise<void> {
    const bytes = Buffer.alloc(slotBytes);
    bytes.writeBigUInt64LE(BigInt(seq), 0);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 8)), 8);
    const slot = this.#slots[this.#turn];
    if (slot === undefined) return;
    await writeAll(slot, bytes, 0);
    await slot.sync();
    this.#turn = 1 - this.#turn;
    this.#seq = seq;
  }

  async close(): Promise<void> {
    for (const slot of this.#slots) await slot.close();
  }
}

async function readSlot(slot: SpoolFile): Promise<number> {
  const bytes = Buffer.alloc(slotBytes);
  if ((await slot.read(bytes, 0)) < slotBytes) return 0;
  if (bytes.readUInt32LE(8) !== crc32(bytes.subarray(0, 8))) return 0;
  const seq = bytes.readBigUInt64LE(0);
  return seq <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seq) : 0;
}
