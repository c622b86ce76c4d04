/** Earliest time that a device's clock may say: before it, the clock was never set. */
const earliest = Date.UTC(2000, 0, 1);
/** How far a device's clock may be ahead of ours, ms: the collector refuses more (DESIGN 3). */
export const maxAheadMs = 600_000;

const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const number = /^\d{1,16}(?:\.\d{1,9})?$/;

/**
 * A device's time as ms since epoch: a number (or its digits) of ms or s since epoch, told apart by size (1e11 ms is 1973,
 * 1e11 s is 5138), or ISO 8601; without an offset it is UTC. Undefined where it is none of these, or not between 2000 and
 * 10 min after `now`.
 */
export function parseTime(raw: unknown, now: number): number | undefined {
  const ms = typeof raw === "string" ? textTime(raw.trim()) : numberTime(raw);
  return ms !== undefined && ms >= earliest && ms <= now + maxAheadMs ? ms : undefined;
}

function numberTime(raw: unknown): number | undefined {
  if (typeof raw !== "number" || !Number.isFinite(raw)) return undefined;
  return Math.round(raw < 1e11 ? raw * 1000 : raw);
}

function textTime(text: string): number | undefined {
  if (text.length > 40) return undefined;
  if (number.test(text)) return numberTime(Number(text));
  const match = iso.exec(text);
  if (match === null) return undefined;
  const [, day, clock, zone = "Z"] = match;
  const offset = zone.length === 3 ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const ms = Date.parse(`${day}T${clock?.replace(",", ".")}${offset.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : ms;
}
