import { modelOf } from "../../adapters/sources/modbus/sunspec/catalogue.ts";
import type { SunspecModel, SunspecPoint, SunspecType } from "../../config/sunspec.ts";

/** Raw values by the names of points and scales; what is not named is "not implemented". */
export type RawPoints = Readonly<Record<string, number | bigint>>;

/** One model of a device as a test wants it. */
export interface ModelImage {
  readonly id: number;
  readonly points?: RawPoints;
  readonly blocks?: readonly RawPoints[];
  readonly facts?: Readonly<Record<string, string>>;
  /** Registers by their place after the model's first. */
  readonly raw?: Readonly<Record<number, number>>;
  /** Of a model that is not read, or for a length that is wrong. */
  readonly length?: number;
}

export interface DeviceImage {
  readonly base?: number;
  readonly models: readonly ModelImage[];
  /** Registers after the last model: the end model unless a test wants another end. */
  readonly end?: readonly number[];
}

/** The holding registers of a device with this chain of models. */
export function sunspecRegisters({ base = 40_000, models, end = [0xffff, 0] }: DeviceImage): Map<number, number> {
  const registers = [0x5375, 0x6e53, ...models.flatMap(modelRegisters), ...end];
  return new Map(registers.map((value, at) => [base + at, value]));
}

function modelRegisters(image: ModelImage): number[] {
  const { id, points = {}, blocks = [], facts = {} } = image;
  const model = modelOf(id);
  const size =
    model === undefined || model.trip !== undefined
      ? (image.length ?? 0)
      : model.registers + blocks.length * (model.blocks?.registers ?? 0);
  const bytes = Buffer.alloc(2 * (2 + size));
  if (model !== undefined) {
    fill(bytes, { model, points });
    for (const [block, values] of blocks.entries()) fillBlock(bytes, { model, block, values });
    for (const { name, at, length } of model.facts) bytes.write((facts[name] ?? "").slice(0, 2 * length), 2 * at, "utf8");
  }
  for (const [at, value] of Object.entries(image.raw ?? {})) bytes.writeUInt16BE(value, 2 * Number(at));
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt16BE(image.length ?? size, 2);
  const registers = Array.from({ length: 2 + size }, (_, at) => bytes.readUInt16BE(2 * at));
  // A length that is wrong moves all that follows.
  const length = 2 + (image.length ?? size);
  return Array.from({ length }, (_, at) => registers[at] ?? 0);
}

function fill(bytes: Buffer, { model, points }: { model: SunspecModel; points: RawPoints }): void {
  const known = new Set<string>();
  for (const [scale, at] of Object.entries(model.scales)) {
    known.add(scale);
    bytes.writeInt16BE(Number(points[scale] ?? -0x8000), 2 * at);
  }
  if (model.blocks?.count !== undefined) bytes.writeUInt16BE(Number(points["count"] ?? 0xffff), 2 * model.blocks.count);
  for (const point of model.points) {
    known.add(point.point);
    write(bytes, { point, at: point.at, value: points[point.point] });
  }
  const unknown = Object.keys(points).filter((name) => !known.has(name) && name !== "count");
  if (unknown.length > 0) throw new Error(`the model has no ${unknown.join(", ")}`);
}

function fillBlock(bytes: Buffer, { model, block, values }: { model: SunspecModel; block: number; values: RawPoints }): void {
  const { blocks } = model;
  if (blocks === undefined) throw new Error("the model has no blocks");
  for (const point of blocks.points) {
    write(bytes, { point, at: blocks.at + block * blocks.registers + point.at, value: values[point.point] });
  }
}

interface Written {
  readonly point: SunspecPoint;
  readonly at: number;
  readonly value: number | bigint | undefined;
}

function write(bytes: Buffer, { point, at, value }: Written): void {
  const { bits, type } = forms[point.type];
  if (type === "float") bytes.writeFloatBE(value === undefined ? Number.NaN : Number(value), 2 * at);
  else if (type === "double") bytes.writeDoubleBE(value === undefined ? Number.NaN : Number(value), 2 * at);
  else {
    const raw = BigInt.asUintN(bits, value === undefined ? absentOf(point.type, bits) : BigInt(value));
    const hex = raw.toString(16).padStart(bits / 4, "0");
    Buffer.from(hex, "hex").copy(bytes, 2 * at);
  }
}

/** As the specification has it, and apart from what the reader makes of it. */
function absentOf(type: SunspecType, bits: number): bigint {
  if (type.startsWith("acc")) return 0n;
  return type.startsWith("int") ? 1n << BigInt(bits - 1) : (1n << BigInt(bits)) - 1n;
}

const integer = (bits: number) => ({ bits, type: "integer" }) as const;
const forms: Readonly<Record<SunspecType, { readonly bits: number; readonly type: "integer" | "float" | "double" }>> = {
  int16: integer(16),
  uint16: integer(16),
  acc16: integer(16),
  enum16: integer(16),
  bitfield16: integer(16),
  count: integer(16),
  int32: integer(32),
  uint32: integer(32),
  acc32: integer(32),
  enum32: integer(32),
  bitfield32: integer(32),
  int64: integer(64),
  uint64: integer(64),
  acc64: integer(64),
  float32: { bits: 32, type: "float" },
  float64: { bits: 64, type: "double" },
};
