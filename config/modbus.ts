import { z } from "zod";
import { unitNames } from "../core/unit.ts";
import { deviceLimits, stateMeanings } from "./device-limits.ts";
import { choiceList } from "./suggest.ts";
import { duration, labelName, labels, metricName } from "./values.ts";

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
/** Tables of single bits: coils (function code 1) and discrete inputs (2). */
export const bitTables = ["coil", "discrete"] as const;
export type BitTable = (typeof bitTables)[number];
export type ModbusTable = RegisterTable | BitTable;
export const isBitTable = (table: ModbusTable): table is BitTable => table === "coil" || table === "discrete";
/** What one request may ask for at most (Modbus Application Protocol V1.1b3 §6.1 to §6.4). */
export const mostRegisters = 125;
export const mostBits = 2000;
export const stateNames = z.record(z.string().regex(/^-?\d+$/, "a state's number"), z.string().min(1));

/** One value of a Modbus unit: what stands in `metrics` of a profile or of an asset. */
export const modbusMetric = z
  .strictObject({
    metric: metricName.describe("Prometheus name in base units"),
    labels: labels.default({}).describe("labels of the series"),
    function: z
      .enum([...registerTables, ...bitTables])
      .default("holding")
      .describe("which registers, or coils or discrete inputs, which are single bits"),
    register: z.int().min(0).max(65535).describe("zero-based PDU address: 40001 in a manual is holding register 0"),
    type: z
      .enum([...registerTypes, "bit"])
      .optional()
      .describe("how registers are read; of coils and discrete inputs always bit"),
    order: z.enum(byteOrders).default("ABCD").describe("byte order, A being the most significant"),
    bit: z.int().min(0).max(63).optional().describe("one bit of an integer, 0 the least significant: the value is 0 or 1"),
    scale: z.number().default(1).describe("multiplies the raw value before the unit is converted"),
    offset: z.number().default(0).describe("is added after the scale"),
    unit: z.enum(unitNames).default("").describe("unit of the raw value: it is converted to the base unit"),
    kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
    states: stateNames.optional().describe("names of a state's numbers"),
    meanings: stateMeanings.optional().describe("states that are worse than ok, by number: warning, major, critical or unknown"),
    limits: deviceLimits
      .optional()
      .describe("limits that the device has for the value, in the base unit: alarms with `from_device` go by them"),
    absent: z
      .array(z.union([z.number(), z.string().regex(/^0x([0-9a-fA-F]{2})+$/, 'a bit pattern such as "0xFFFF"')]))
      .default([])
      .describe('raw values that mean "not available" (BadNotSupported); a text is the bit pattern, most significant byte first'),
    range: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe("plausible range in the base unit: outside it the reading is BadOutOfRange"),
  })
  // Told together with what else is wrong: a missing key is not found by looking at the others first.
  .superRefine((metric, context) => needType(metric, context), { when: ({ value }) => typeof value === "object" && value !== null })
  .superRefine((metric, context) => {
    const refuse: Refuse = (key, message) => context.addIssue({ code: "custom", path: [key], message });
    if (metric.states !== undefined && metric.kind !== "state") refuse("states", "only kind: state has names of states");
    if (metric.limits !== undefined && metric.kind === "state")
      refuse("limits", "a state has no limits: say what its states mean with meanings");
    for (const number of Object.keys(metric.meanings ?? {}))
      if (metric.states?.[number] === undefined) refuse("meanings", `${number} is none of the states`);
    if (metric.kind === "state" && metric.unit !== "") refuse("unit", "a state has no unit");
    if (metric.range !== undefined && metric.range[0] > metric.range[1]) refuse("range", "is [lowest, highest]");
    const { function: table, type } = metric;
    if (isBitTable(table)) checkBit(metric, (key, message) => refuse(key, `a ${bitNames[table]} is ${message}`));
    else if (type === "bit")
      refuse("type", "only coil and discrete are bits: a bit of a register is that of an integer type, with bit: 0 to 15");
    else if (type !== undefined) checkRegister({ ...metric, type }, refuse);
  });
export type ModbusMetric = z.output<typeof modbusMetric>;

/** How a metric's value is read: the schema lets no metric of registers pass without a type. */
export function typeOf(metric: { readonly type?: RegisterType | "bit" | undefined }): RegisterType | "bit" {
  return metric.type ?? "bit";
}

/** Reports what is wrong with one key. */
type Refuse = (key: string, message: string) => void;

function needType({ function: table, type }: { function: ModbusTable; type?: unknown }, context: z.core.$RefinementCtx): void {
  if (type !== undefined || !registerTables.some((name) => name === table)) return;
  context.addIssue({ code: "custom", path: ["type"], message: `is missing, expected one of ${choiceList(registerTypes)}` });
}

interface RegisterSpec {
  readonly register: number;
  readonly type: RegisterType;
  readonly bit?: number | undefined;
}

function checkRegister({ register, type, bit }: RegisterSpec, refuse: Refuse): void {
  const registers = registersOf[type];
  if (register + registers > 65_536) refuse("register", `${type} takes ${registers} registers, past the last one, 65535`);
  if (bit === undefined) return;
  if (type.startsWith("float")) refuse("bit", `${type} has no bits of its own, only integers have`);
  const bits = type.includes("int8") ? 8 : registers * 16;
  if (bit >= bits) refuse("bit", `${type} has bits 0 to ${bits - 1}`);
}

const bitNames: Readonly<Record<BitTable, string>> = { coil: "coil", discrete: "discrete input" };

/** A coil is 0 or 1, and nothing can be made of it but names. */
function checkBit(metric: Readonly<Record<string, unknown>> & { readonly absent: readonly unknown[] }, refuse: Refuse): void {
  if (metric["type"] !== undefined && metric["type"] !== "bit") refuse("type", "a bit: it needs no type");
  if (metric["kind"] === "counter") refuse("kind", "0 or 1: it counts nothing");
  if (metric.absent.length > 0) refuse("absent", "0 or 1: neither means absent");
  const plain = { order: "ABCD", bit: undefined, scale: 1, offset: 0, unit: "", range: undefined };
  for (const [key, none] of Object.entries(plain)) if (metric[key] !== none) refuse(key, `0 or 1: it has no ${key}`);
}

/** Which byte of each register holds a letter, where a device spends a whole register on one. */
export const letterBytes = ["both", "high", "low"] as const;

/** One text fact of a Modbus unit: what stands in `inventory` of a profile or of an asset. */
export const modbusFact = z
  .strictObject({
    name: labelName.describe("name of the fact, such as serial_number"),
    function: z.enum(registerTables).default("holding").describe("which registers"),
    register: z.int().min(0).max(65535).describe("zero-based PDU address of the first register"),
    length: z.int().min(1).max(mostRegisters).describe("how many registers the text fills"),
    order: z
      .enum(byteOrders)
      .default("ABCD")
      .describe("ABCD and CDAB: the first letter is in the high byte; DCBA and BADC: in the low byte. Registers always follow one another"),
    letters: z.enum(letterBytes).default("both").describe("high or low: only that byte of each register (after order) holds a letter"),
  })
  .refine((fact) => fact.register + fact.length <= 65_536, { path: ["length"], message: "ends past the last register, 65535" });
export type ModbusFact = z.output<typeof modbusFact>;

/** A file of config/profiles/modbus. */
export const modbusProfile = z.strictObject({
  profile: z.string(),
  source: z.string().min(1).meta({ description: "the document or public file that the registers come from" }),
  /** Most registers that this device answers in one request. */
  max_registers: z.int().min(1).max(mostRegisters).default(mostRegisters),
  /** Most coils or discrete inputs in one request. */
  max_bits: z.int().min(1).max(mostBits).default(mostBits),
  /** Most registers between two wanted ones that are read along and thrown away; 16 coils count as one register. */
  max_gap: z.int().min(0).max(124).default(16),
  /** Pause that this kind of device needs between two requests. */
  gap: duration.prefault("0ms"),
  metrics: z.array(modbusMetric).min(1),
  /** Text of the asset. */
  inventory: z.array(modbusFact).default([]),
});
export type ModbusProfile = z.output<typeof modbusProfile>;
