import { type ModbusMetric, type ModbusProfile, typeOf } from "../config/modbus.ts";
import { unitOf } from "../core/unit.ts";
import type { Registers } from "./modbus-server.ts";

/** What a machine stands at, in base units; undefined for what this machine has not. */
export type Quantity = (metric: string, labels: Readonly<Record<string, string>>) => number | undefined;

type Writer = (bytes: Buffer, value: number) => void;

const writers: Readonly<Record<string, { readonly bytes: number; readonly write: Writer }>> = {
  int16: { bytes: 2, write: (bytes, value) => bytes.writeInt16BE(Math.round(value)) },
  uint16: { bytes: 2, write: (bytes, value) => bytes.writeUInt16BE(Math.round(value)) },
  int32: { bytes: 4, write: (bytes, value) => bytes.writeInt32BE(Math.round(value)) },
  uint32: { bytes: 4, write: (bytes, value) => bytes.writeUInt32BE(Math.round(value) % 2 ** 32) },
  int64: { bytes: 8, write: (bytes, value) => bytes.writeBigInt64BE(BigInt(Math.round(value))) },
  uint64: { bytes: 8, write: (bytes, value) => bytes.writeBigUInt64BE(BigInt(Math.round(value))) },
  float32: { bytes: 4, write: (bytes, value) => bytes.writeFloatBE(value) },
  float64: { bytes: 8, write: (bytes, value) => bytes.writeDoubleBE(value) },
};

/**
 * Lays a machine's quantities out in registers as its profile says: the way back of what the Modbus source does, written
 * separately. Throws at once for a metric that the machine has not, or a type that the demo does not speak. Registers
 * between those of the profile read as 0.
 */
export function layOut(profile: ModbusProfile, quantity: Quantity): Registers {
  const words = new Map<string, () => number>();
  let highest = 0;
  for (const metric of profile.metrics) {
    const writer = writers[typeOf(metric)];
    if (writer === undefined || quantity(metric.metric, metric.labels) === undefined) {
      throw new Error(
        `demo: ${profile.profile}: no way to simulate ${metric.metric} ${JSON.stringify(metric.labels)} as ${typeOf(metric)}`,
      );
    }
    for (let word = 0; word < writer.bytes / 2; word++) {
      const address = metric.register + word;
      highest = Math.max(highest, address);
      words.set(`${metric.function}:${address}`, () => encode(metric, quantity(metric.metric, metric.labels) ?? 0).readUInt16BE(2 * word));
    }
  }
  return (table, address) => words.get(`${table}:${address}`)?.() ?? (address <= highest ? 0 : undefined);
}

function encode(metric: ModbusMetric, base: number): Buffer {
  const writer = writers[typeOf(metric)];
  if (writer === undefined) throw new Error(`demo: no way to simulate ${typeOf(metric)}`);
  const unit = unitOf(metric.unit) ?? { factor: 1, offset: 0 };
  const raw = ((base - unit.offset) / unit.factor - metric.offset) / metric.scale;
  const bytes = Buffer.alloc(writer.bytes);
  writer.write(bytes, raw);
  return reorder(bytes, metric.order);
}

/** From ABCD to the device's order; its own inverse. */
function reorder(bytes: Buffer, order: ModbusMetric["order"]): Buffer {
  if (order === "DCBA") return bytes.reverse();
  if (order === "BADC") return bytes.swap16();
  if (order === "CDAB") return bytes.reverse().swap16();
  return bytes;
}
