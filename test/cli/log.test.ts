import { describe, expect, test } from "vitest";
import { createLog } from "../../cli/log.ts";
import { logLevelOf } from "../../cli/log-level.ts";
import { Secret } from "../../config/secret.ts";
import { capturedIo } from "./captured-io.ts";

describe("logs", () => {
  test("are JSON lines where no person reads", () => {
    const io = capturedIo();
    createLog(io, "info").warn({ batches: 3, password: new Secret("literal:hunter2", "/") }, "spool full");
    const { time, ...rest } = JSON.parse(io.err()) as { time: string };
    expect(rest).toEqual({ level: "warn", batches: 3, password: "<secret>", msg: "spool full" });
    expect(Date.parse(time)).toBeGreaterThan(0);
    expect(io.out()).toBe("");
  });

  test("are lines on a terminal, foreign text quoted", () => {
    const io = capturedIo({ NO_COLOR: "1" }, true);
    createLog(io, "info").error({ asset: "x\n\u001b[2J" }, "no answer");
    expect(io.err()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} error no answer {2}asset="x\\n\\u001b\[2J"\n$/);
  });

  test("keep to their level", () => {
    const io = capturedIo();
    const log = createLog(io, "error");
    log.debug({}, "a");
    log.info({}, "b");
    log.warn({}, "c");
    expect(io.err()).toBe("");
    createLog(io, "silent").error({}, "d");
    expect(io.err()).toBe("");
  });
});

test("the option comes before the variable, that before info", () => {
  expect(logLevelOf("debug", { MILLWRIGHT_LOG: "warn" })).toBe("debug");
  expect(logLevelOf(undefined, { MILLWRIGHT_LOG: "warn" })).toBe("warn");
  expect(logLevelOf(undefined, {})).toBe("info");
  expect(() => logLevelOf(undefined, { MILLWRIGHT_LOG: "loud" })).toThrow(
    'MILLWRIGHT_LOG: "loud" is not one of debug, info, warn, error, silent',
  );
});
