import { z } from "zod";
import { unitNames } from "../core/unit.ts";
import { labels, metricName } from "./values.ts";

/** Byte orders as device manuals name them: A is the most significant byte. For 16-bit values only the first two letters count. */
export const byteOrders = ["ABCD", "DCBA", "BADC", "CDAB"] as const;
export type ByteOrder = (typeof byteOrders)[number];
export const registerTypes = ["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"] as const;
export type RegisterType = (typeof registerTypes)[number];
export const stateNames = z.record(z.string().regex(/^-?\d+$/, "a state's number"), z.string().min(1));

/** One value of a Modbus unit: what stands in `metrics` of a profile or of an asset. */
export const modbusMetric = z.strictObject({
  metric: metricName,
  labels: labels.default({}),
  function: z.enum(["holding", "input"]).default("holding"),
  /** Zero-based PDU address. */
  register: z.int().min(0).max(65535),
  type: z.enum(registerTypes),
  order: z.enum(byteOrders).default("ABCD"),
  /** Multiplies the raw value before the unit is converted. */
  scale: z.number().default(1),
  offset: z.number().default(0),
  unit: z.enum(unitNames).default(""),
  kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
  states: stateNames.optional(),
  /** Raw values that mean "not available": the reading is BadNotSupported. */
  absent: z.array(z.number()).default([]),
  /** Plausible range in the base unit: outside it the reading is BadOutOfRange. */
  range: z.tuple([z.number(), z.number()]).optional(),
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
  metrics: z.array(modbusMetric).min(1),
});
export type ModbusProfile = z.output<typeof modbusProfile>;
