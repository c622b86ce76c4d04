import { pino } from "pino";
import type { Log } from "../core/log.ts";
import type { Io, Output } from "./io.ts";
import type { LogLevel } from "./log-level.ts";
import { printable, type Style, styleOf } from "./output.ts";

/** Logs to stderr: JSON lines for programs, plain lines for people on a terminal. */
export function createLog(io: Io, level: LogLevel): Log {
  const destination = io.stderr.isTTY === true ? readable(io.stderr, styleOf(io.stderr, io.env)) : io.stderr;
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, { write: (line: string) => void destination.write(line) });
}

/** Turns pino's JSON into `12:03:04.125 warn  spool full, oldest dropped  batches=3`. */
export function readable(output: Output, style: Style): Output {
  return {
    write(line) {
      const { level, time, msg, ...fields } = JSON.parse(line) as { level: string; time: string; msg?: string } & Record<string, unknown>;
      const paint = level === "error" ? style.red : level === "warn" ? style.yellow : style.dim;
      const rest = Object.entries(fields).map(([name, value]) => `${name}=${printable(JSON.stringify(value))}`);
      const head = `${style.dim(time.slice(11, 23))} ${paint(level.padEnd(5))} ${printable(msg ?? "")}`;
      output.write(`${head}${rest.length === 0 ? "" : style.dim(`  ${rest.join(" ")}`)}\n`);
    },
  };
}
