import { describe, expect, test } from "vitest";
import { printRows, styleOf, table } from "../../cli/output.ts";
import { capturedIo } from "./captured-io.ts";

interface Row {
  readonly id: string;
  readonly value: number | string;
}
const columns = [
  { title: "ID", value: (row: Row) => row.id },
  { title: "VALUE", value: (row: Row) => row.value },
];

describe("tables", () => {
  test("numbers to the right, characters counted as people do, no blanks at the end", () => {
    const rows = [
      { id: "čerpadlo", value: 7 },
      { id: "cafe\u0301", value: 12_345 },
    ];
    expect(table(columns, rows)).toBe("ID        VALUE\nčerpadlo      7\ncafe\u0301      12345\n");
    expect(
      table(columns, [
        { id: "a", value: "x" },
        { id: "b", value: "" },
      ]),
    ).toBe("ID  VALUE\na   x\nb\n");
    expect(table(columns, [])).toBe("ID  VALUE\n");
  });

  test("a device's text cannot steer the terminal", () => {
    expect(table(columns, [{ id: "\u001b]0;owned\u0007\n", value: 1 }])).toBe(
      "ID                    VALUE\n\\x1b]0;owned\\x07\\x0a      1\n",
    );
  });
});

test("formats", () => {
  const rows = [
    { id: "a", value: 1 },
    { id: "b", value: 2 },
  ];
  const print = (format: "table" | "json" | "ndjson"): string => {
    const io = capturedIo();
    printRows(io, { format, columns, rows });
    return io.out();
  };
  expect(print("ndjson")).toBe('{"id":"a","value":1}\n{"id":"b","value":2}\n');
  expect(JSON.parse(print("json"))).toEqual(rows);
  expect(print("table")).toBe("ID  VALUE\na       1\nb       2\n");
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
  [false, {}, false],
])("colour: terminal %s, %j", (isTTY, env, expected) => {
  expect(styleOf({ isTTY, write: () => true }, env).red("x") !== "x").toBe(expected);
});
