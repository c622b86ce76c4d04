import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseIdentification } from "../../adapters/sources/modbus/identify.ts";
import type { FoundUnit } from "../../adapters/sources/modbus/shell.ts";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { parseConfig } from "../../config/load.ts";
import { type ModbusServer, registersAt, startModbusServer } from "../peers/modbus.ts";
import { freePort } from "../peers/port.ts";
import { sunspecRegisters } from "../peers/sunspec.ts";
import { capturedIo } from "./captured-io.ts";

let server: ModbusServer;
let folder: string;

beforeAll(async () => {
  const pv = sunspecRegisters({ models: [{ id: 1 }, { id: 103, points: { W: 1, W_SF: 0 } }], end: [0, 0] });
  const identification = { 0: "Acme", 1: "X-10", 2: "1.2", 4: "Inverter \u001b[2J" };
  server = await startModbusServer(
    new Map([
      [3, { holding: pv, identification }],
      [4, { holding: new Map(registersAt(100, "41480000 4142 FFFF")), coil: new Map([[7, 1]]) }],
      [5, { dead: true }],
    ]),
  );
  folder = mkdtempSync(join(tmpdir(), "millwright-modbus-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function millwright(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(args, io, commands);
  return { code, out: io.out(), err: io.err() };
}

const host = (): string[] => ["--host", "127.0.0.1", "--port", `${server.port}`];

describe("modbus read", () => {
  test("registers as what they may be, and what the device refuses", async () => {
    const { code, out } = await millwright("modbus", "read", "holding:100", "6", "--unit", "4", "--format", "json", ...host());
    const rows = JSON.parse(out) as Record<string, unknown>[];
    expect(code).toBe(0);
    expect(rows[0]).toEqual({
      ...{ address: "holding:100", hex: "4148", uint16: 0x4148, int16: 0x4148, uint32: 0x41480000, int32: 0x41480000 },
      ...{ float32: 12.5, float32_cdab: 2.34185e-41, text: "AH", refused: "" },
    });
    expect(rows.map(({ hex }) => hex)).toEqual(["4148", "0000", "4142", "ffff", "", ""]);
    expect(rows[3]).toMatchObject({ int16: -1, uint16: 65_535, uint32: null });
    expect(rows[5]).toMatchObject({ refused: "exception 2 (illegal data address)", uint16: null });
  });

  test("coils, of a device in a config", async () => {
    const path = join(folder, "plant.yaml");
    const metrics = "metrics: [{ metric: running, function: coil, register: 7 }]";
    writeFileSync(path, `assets: { press: { modbus: { tcp: "127.0.0.1:${server.port}", unit: 4, ${metrics} } } }\n`);
    const { code, out } = await millwright("modbus", "read", "coil:7", "1", "--config", path, "--asset", "press");
    expect([code, out]).toEqual([0, "ADDRESS  VALUE\ncoil:7       1\n"]);
    expect(await millwright("modbus", "read", "coil:7", "--config", path, "--asset", "other")).toMatchObject({
      code: 2,
      err: expect.stringContaining("no such asset that is read by Modbus"),
    });
  });

  test.each([
    ["no device", ["read", "holding:0"], "say which device"],
    ["a table that is none", ["read", "register:0"], "expected holding:3059"],
    ["an address past the last", ["read", "holding:65536"], "expected holding:3059"],
    ["too many", ["read", "holding:0", "2001"], "from 1 to 2000"],
    ["unit numbers that are none", ["scan", "--units", "1-999"], "from 0 to 255"],
  ])("%s", async (_, args, message) => {
    const found = await millwright("modbus", ...args);
    expect([found.code, found.out]).toEqual([2, ""]);
    expect(found.err).toContain(message);
  });

  test("a unit that is silent, and a host where nobody listens", async () => {
    const silent = await millwright("modbus", "read", "holding:0", "--unit", "5", "--timeout", "100ms", ...host());
    expect([silent.code, silent.err]).toEqual([1, expect.stringContaining("timed out after 0.1 s")]);
    const nobody = await millwright("modbus", "scan", "--units", "1-3", "--host", "127.0.0.1", "--port", `${await freePort()}`);
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining("refused")]);
  });
});

describe("modbus scan", () => {
  const scan = (...args: string[]) => millwright("modbus", "scan", "--units", "3-6", "--timeout", "200ms", ...args, ...host());

  test("units that answer, by value or by exception, with what they are", async () => {
    const { code, out, err } = await scan("--format", "json");
    expect([code, err]).toEqual([0, "4 unit numbers asked, 2 answer\n"]);
    const [pv, press] = JSON.parse(out) as FoundUnit[];
    expect(pv).toEqual({
      ...{
        unit: 3,
        says: "exception 2 (illegal data address)",
        isModbus: true,
        sunspec: 40_000,
        models: "1 Common, 103 Inverter (Three Phase)",
      },
      faults: ["no end model: model number 0 at 40122"],
      identification: { vendor: "Acme", product_code: "X-10", revision: "1.2", product_name: "Inverter \u001b[2J" },
    });
    expect(press).toEqual({
      ...{ unit: 4, says: "exception 2 (illegal data address)", isModbus: true, models: "", faults: [], identification: {} },
    });
  });

  test("for people, with nothing that moves their cursor, and without asking who it is where that is not wanted", async () => {
    expect((await scan()).out).toContain("Acme X-10 1.2 Inverter \\x1b[2J");
    expect((await scan("--no-identify")).out).not.toContain("Acme");
  });
});

describe("discover --modbus", () => {
  const discover = (...args: string[]) => millwright("discover", "127.0.0.1/32", "--modbus", "--timeout", "200ms", ...args);

  test("prints config for the units that have SunSpec models, and names the others", async () => {
    const { code, out, err } = await discover("--modbus-port", `${server.port}`, "--units", "3-5");
    expect([code, err]).toEqual([0, "1 addresses asked, 0 devices speak SNMP, 2 units speak Modbus\n"]);
    const { config } = parseConfig({ directory: "/", files: [{ file: "found.yaml", text: out }] });
    expect(Object.keys(config.assets)).toEqual(["sunspec-127.0.0.1-3"]);
    expect(config.assets["sunspec-127.0.0.1-3"]?.modbus).toMatchObject({ tcp: `127.0.0.1:${server.port}`, unit: 3, profile: "sunspec" });
    expect(out).toContain("# SunSpec models 1 Common, 103 Inverter (Three Phase)");
    expect(out).toContain(`# 127.0.0.1:${server.port} unit 4 speaks Modbus: name its profile, or its metrics.`);
  });

  test("as a table, and where nobody listens", async () => {
    const { out } = await discover("--modbus-port", `${server.port}`, "--units", "3", "--format", "table");
    expect(out).toMatch(/127\.0\.0\.1 +unit 3 +sunspec +1 Common, 103/);
    expect(await discover("--modbus-port", `${await freePort()}`)).toMatchObject({ code: 1, out: expect.stringContaining("assets: {}") });
  });
});

test("an identification is parsed from whatever bytes, and what is cut off is left out", () => {
  const whole = Buffer.from("2b0e010100000200 0441636d65 01 03582d31".replaceAll(" ", ""), "hex");
  expect(parseIdentification(whole)).toEqual({
    objects: [
      [0, "Acme"],
      [1, "X-1"],
    ],
    next: undefined,
  });
  expect(parseIdentification(whole.subarray(0, -1))).toEqual({ objects: [[0, "Acme"]], next: undefined });
  expect(parseIdentification(Buffer.from([0xab, 1]))).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const found = parseIdentification(Buffer.from([0x2b, 0x0e, ...bytes]));
      if (found !== undefined) expect(found.objects.length).toBeLessThanOrEqual(bytes.length / 2);
    }),
  );
});
