import type { ByteOrder, ModbusFact } from "../../../config/modbus.ts";

/** Registers of a text always follow one another; only which byte of each comes first differs (as Telegraf's STRING has it). */
const lowByteFirst: Readonly<Record<ByteOrder, boolean>> = { ABCD: false, CDAB: false, BADC: true, DCBA: true };

const utf8 = new TextDecoder("utf-8", { ignoreBOM: false });
const replacement = "\ufffd";
/** Control characters, and those that turn the direction of what stands around them. */
const hostile = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text in registers, two bytes each as on the wire: UTF-8, of which ASCII is a part, to the first NUL that follows a letter,
 * without blanks around it. What is no text becomes U+FFFD. Empty where the device has none: NULs, blanks or erased memory (0xFF).
 */
export function textOf(wire: Uint8Array, { order, letters }: Pick<ModbusFact, "order" | "letters">): string {
  const bytes = inOrder(wire, lowByteFirst[order]);
  const half = letters === "high" ? 0 : 1;
  const all = letters === "both" ? bytes : bytes.filter((_, at) => at % 2 === half);
  return utf8.decode(withoutFill(all)).replace(hostile, replacement).trim();
}

function inOrder(wire: Uint8Array, swapped: boolean): Uint8Array {
  return swapped ? Uint8Array.from(wire, (_, at) => wire[at ^ 1] ?? 0) : wire;
}

/** Neither NULs before the text, nor the first NUL and what is behind it, nor erased memory at the end. */
function withoutFill(bytes: Uint8Array): Uint8Array {
  const from = bytes.findIndex((byte) => byte !== 0);
  if (from === -1) return bytes.subarray(0, 0);
  const nul = bytes.indexOf(0, from);
  let to = nul === -1 ? bytes.length : nul;
  while (to > from && bytes[to - 1] === 0xff) to--;
  return bytes.subarray(from, to);
}
