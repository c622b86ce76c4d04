import { type Level, type LevelName, levelOf } from "../../core/level.ts";

/** What is known of a service: its level in three valuations (DESIGN §5), packed as low + 4 * high + 16 * unplanned. */
export type StateCode = number;

/** Nobody looked: anything may have been. */
export const unseen: StateCode = codeOf(0, 3, 0);

export function codeOf(low: Level, high: Level, unplanned: Level): StateCode {
  return low + 4 * high + 16 * unplanned;
}

/** The state that a service shows. */
export function stateOf(service: { readonly low: LevelName; readonly high: LevelName; readonly unplanned?: LevelName }): StateCode {
  return codeOf(levelOf(service.low), levelOf(service.high), levelOf(service.unplanned ?? service.low));
}

/** `230`: low, high and unplanned as digits. */
export function stateText(code: StateCode): string {
  return `${code & 3}${(code >> 2) & 3}${(code >> 4) & 3}`;
}

/** What `stateText` wrote; undefined where it did not. */
export function parseState(text: string): StateCode | undefined {
  if (!/^[0-3]{3}$/.test(text)) return undefined;
  return Number(text[0]) + 4 * Number(text[1]) + 16 * Number(text[2]);
}

/** How a moment of scheduled time counts. */
export type TimeClass = "good" | "down" | "planned" | "unknown";

/**
 * At `level` or above a service counts as down. What would be ok without the assets in maintenance is planned; what missing
 * data could turn either way is unknown.
 */
export function classOf(code: StateCode, level: Level): TimeClass {
  if (((code >> 2) & 3) < level) return "good";
  if ((code & 3) < level) return "unknown";
  return ((code >> 4) & 3) < level ? "planned" : "down";
}
