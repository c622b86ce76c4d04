import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../cli/program.ts";
import { registerReport } from "../../cli/report.ts";
import { serve, type TestServer } from "../collector/http/server.ts";
import { capturedIo } from "./captured-io.ts";

let it: TestServer;
beforeAll(async () => {
  it = await serve();
});
afterAll(() => it.close());

async function report(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(["report", ...args], io, { report: async () => registerReport });
  return { code, out: io.out(), err: io.err() };
}

test("HTML that prints, of the month that runs", async () => {
  const { code, out } = await report("--url", it.url);
  expect(code).toBe(0);
  expect(out).toMatch(/^<!doctype html>/);
  expect(out).toContain("Availability, January 2026");
});

test("a month as CSV, a line for each shift", async () => {
  const { code, out } = await report(
    "--url",
    it.url,
    "--month",
    "2025-12",
    "--service",
    "bottling-line-3",
    "--by",
    "shift",
    "--format",
    "csv",
  );
  expect(code).toBe(0);
  expect(out.trim().split("\r\n")).toHaveLength(1 + 2 * 31);
});

test("days as JSON", async () => {
  const { out } = await report("--url", it.url, "--days", "2025-12-30..2025-12-31", "--format", "json");
  const { period, services } = JSON.parse(out);
  expect(period).toBe("2025-12-30..2025-12-31");
  expect(services[0]).toMatchObject({ service: "bottling-line-3", down_seconds: 7200 });
});

test.each([
  [["--month", "2026-13"], 2, /400: period "2026-13": expected month, last-month/],
  [["--service", "nobody"], 2, /404: there is no service "nobody"/],
  [["--zone", "Moon"], 2, /400: zone "Moon"/],
  [["--format", "pdf"], 2, /Allowed choices are html, csv, json/],
  [["--month", "2026-01", "--days", "2026-01-01"], 2, /cannot be used with/],
  [["--url", "ftp://x"], 2, /is not an http/],
])("%j is a mistake", async (args, code, message) => {
  const answer = await report("--url", it.url, ...args);
  expect([answer.code, answer.out]).toEqual([code, ""]);
  expect(answer.err).toMatch(message);
});

test("a collector that does not run is a problem", async () => {
  const { code, err } = await report("--url", "http://127.0.0.1:9");
  expect(code).toBe(1);
  expect(err).toContain("is the collector running?");
});
