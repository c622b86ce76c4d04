import { Option } from "commander";
import type { Io, Output } from "./io.ts";

export const formats = ["table", "json", "ndjson"] as const;
export type Format = (typeof formats)[number];

/** `--format table|json|ndjson`, the same for every command that prints rows. */
export function formatOption(standard: Format = "table"): Option {
  return new Option("--format <format>", "how to print").choices(formats).default(standard);
}

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number;
}

export interface Rows<Row> {
  readonly format: Format;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** Prints rows: as a table for people, or as they are for programs. */
export function printRows<Row>(io: Io, { format, columns, rows }: Rows<Row>): void {
  if (format === "json") io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (format === "ndjson") for (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`);
  else io.stdout.write(table(columns, rows, styleOf(io.stdout, io.env)));
}

/** Columns padded to their widest cell, numbers to the right; no line ends in blanks. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], style: Style = plain): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const texts = [columns.map(({ title }) => title), ...cells.map((row) => row.map(cellText))];
  const widths = columns.map((_, i) => Math.max(...texts.map((row) => widthOf(row[i] ?? ""))));
  const toRight = columns.map((_, i) => cells.length > 0 && cells.every((row) => typeof row[i] === "number"));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => pad(text, widths[i] ?? 0, toRight[i] === true))
      .join("  ")
      .trimEnd();
  return texts.map((row, i) => `${i === 0 ? style.bold(line(row)) : line(row)}\n`).join("");
}

/** Most characters of one cell: a table is for people, `--format json` has the whole text. */
const longestCell = 240;

function cellText(value: string | number): string {
  const text = String(value);
  return printable(text.length <= longestCell ? text : `${text.slice(0, longestCell)}…`);
}

/** Device text may hold what moves a terminal's cursor, changes its title or turns a line round: shown escaped. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

const segments = new Intl.Segmenter();

/** Characters as people count them, so that `°C` and `ř` do not shift a column. */
function widthOf(text: string): number {
  return [...segments.segment(text)].length;
}

function pad(text: string, width: number, toRight: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return toRight ? blanks + text : text + blanks;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const asIs = (text: string): string => text;
export const plain: Style = { bold: asIs, dim: asIs, red: asIs, yellow: asIs };

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const coloured: Style = { bold: sgr(1), dim: sgr(2), red: sgr(31), yellow: sgr(33) };

/** Colour on a terminal only, and not where NO_COLOR (no-color.org) or TERM=dumb ask for none. */
export function styleOf(output: Output, env: Io["env"]): Style {
  const asked = (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return output.isTTY === true && asked ? coloured : plain;
}
