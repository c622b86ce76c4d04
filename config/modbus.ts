import { z } from "zod";
import { unitNames } from "../core/unit.ts";
import { duration, labels, metricName } from "./values.ts";

/** Byte orders as device manuals name them: A is the most significant byte. For 16-bit values only the first two letters count. */
export const byteOrders = ["ABCD", "DCBA", "BADC", "CDAB"] as const;
export type ByteOrder = (typeof byteOrders)[number];
/** `h` and `l` are the high and the low byte of one register; float16 is IEEE 754 binary16. */
export const registerTypes = [
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float32",
  "float64",
  "float16",
  "int8h",
  "int8l",
  "uint8h",
  "uint8l",
] as const;
export type RegisterType = (typeof registerTypes)[number];
/** How many 16-bit registers a type fills. */
export const registersOf: Readonly<Record<RegisterType, number>> = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
  float16: 1,
  int8h: 1,
  int8l: 1,
  uint8h: 1,
  uint8l: 1,
};
export const registerTables = ["holding", "input"] as const;
export type RegisterTable = (typeof registerTables)[number];
export const stateNames = z.record(z.string().regex(/^-?\d+$/, "a state's number"), z.string().min(1));

/** One value of a Modbus unit: what stands in `metrics` of a profile or of an asset. */
export const modbusMetric = z
  .strictObject({
    metric: metricName.describe("Prometheus name in base units"),
    labels: labels.default({}).describe("labels of the series"),
    function: z.enum(registerTables).default("holding").describe("which registers"),
    register: z.int().min(0).max(65535).describe("zero-based PDU address: 40001 in a manual is holding register 0"),
    type: z.enum(registerTypes),
    order: z.enum(byteOrders).default("ABCD").describe("byte order, A being the most significant"),
    bit: z.int().min(0).max(63).optional().describe("one bit of an integer, 0 the least significant: the value is 0 or 1"),
    scale: z.number().default(1).describe("multiplies the raw value before the unit is converted"),
    offset: z.number().default(0).describe("is added after the scale"),
    unit: z.enum(unitNames).default("").describe("unit of the raw value: it is converted to the base unit"),
    kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
    states: stateNames.optional().describe("names of a state's numbers"),
    absent: z
      .array(z.union([z.number(), z.string().regex(/^0x([0-9a-fA-F]{2})+$/, 'a bit pattern such as "0xFFFF"')]))
      .default([])
      .describe('raw values that mean "not available" (BadNotSupported); a text is the bit pattern, most significant byte first'),
    range: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe("plausible range in the base unit: outside it the reading is BadOutOfRange"),
  })
  .superRefine((metric, context) => {
    const refuse = (key: keyof typeof metric, message: string): void => context.addIssue({ code: "custom", path: [key], message });
    const registers = registersOf[metric.type];
    if (metric.register + registers > 65_536) refuse("register", `${metric.type} takes ${registers} registers, past the last one, 65535`);
    if (metric.bit !== undefined && metric.type.startsWith("float"))
      refuse("bit", `${metric.type} has no bits of its own, only integers have`);
    const bits = metric.type.includes("int8") ? 8 : registers * 16;
    if (metric.bit !== undefined && metric.bit >= bits) refuse("bit", `${metric.type} has bits 0 to ${bits - 1}`);
    if (metric.states !== undefined && metric.kind !== "state") refuse("states", "only kind: state has names of states");
    if (metric.kind === "state" && metric.unit !== "") refuse("unit", "a state has no unit");
    if (metric.range !== undefined && metric.range[0] > metric.range[1]) refuse("range", "is [lowest, highest]");
  });
export type ModbusMetric = z.output<typeof modbusMetric>;

/** A file of config/profiles/modbus. */
export const modbusProfile = z.strictObject({
  profile: z.string(),
  source: z.string().min(1).meta({ description: "the document or public file that the registers come from" }),
  /** Most registers that this device answers in one request. */
  max_registers: z.int().min(1).max(125).default(125),
  /** Most registers between two wanted ones that are read along and thrown away. */
  max_gap: z.int().min(0).max(124).default(16),
  /** Pause that this kind of device needs between two requests. */
  gap: duration.prefault("0ms"),
  metrics: z.array(modbusMetric).min(1),
});
export type ModbusProfile = z.output<typeof modbusProfile>;
