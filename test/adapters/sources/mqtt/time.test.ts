import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTime } from "../../../../adapters/sources/mqtt/time.ts";

const now = Date.UTC(2026, 0, 1);

describe("a device's time", () => {
  it.each([
    [now, "2026-01-01T00:00:00.000Z"],
    [now / 1000, "2026-01-01T00:00:00.000Z"],
    [now / 1000 - 0.5, "2025-12-31T23:59:59.500Z"],
    [`${now}`, "2026-01-01T00:00:00.000Z"],
    ["2025-12-31T12:00:00Z", "2025-12-31T12:00:00.000Z"],
    ["2025-12-31 12:00:00.5", "2025-12-31T12:00:00.500Z"],
    ["2025-12-31T12:00:00,25+0100", "2025-12-31T11:00:00.250Z"],
    ["2025-12-31t12:00-05", "2025-12-31T17:00:00.000Z"],
    [now + 600_000, "2026-01-01T00:10:00.000Z"],
  ])("%s", (raw, time) => {
    expect(new Date(parseTime(raw, now) ?? Number.NaN).toISOString()).toBe(time);
  });

  it.each([
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    now + 600_001,
    now * 1000,
    "",
    "now",
    "2025-13-01T00:00:00Z",
    "1e12",
    null,
    undefined,
    true,
    {},
    "12:00",
    "2025-12-31",
  ])("%s is refused", (raw) => {
    expect(parseTime(raw, now)).toBeUndefined();
  });

  it("is in the plausible range or nothing, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        const time = parseTime(raw, now);
        if (time !== undefined) expect(time).toBeLessThanOrEqual(now + 600_000);
      }),
    );
  });
});
