import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { pduTag } from "../adapters/sources/snmp/envelope.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Everything that stands between a config and a device. */
const folders = ["adapters/sources", "agent", "config", "core", "cli"];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`),
);
const texts = new Map(files.map((file) => [file, withoutComments(readFileSync(join(root, file), "utf8"))]));

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

function filesWith(pattern: RegExp): string[] {
  return [...texts].filter(([, text]) => pattern.test(text)).map(([file]) => file);
}

/** What makes a write of it. Node's own `write` is not among it: see the ways out below. */
const banned: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    "a Modbus write of modbus-serial",
    /\b(writeCoils?|writeRegisters?|maskWriteRegister|writeFC(?![1-4]\b)\w*|writeCustomFC|customFunction)\b/,
  ],
  ["a Modbus function code that writes, by name", /\b(?:force|preset|write)(?:Single|Multiple)\w*/i],
  ["an SNMP Set", /\b0xa3\b|\bsetRequest\b|\bSetRequest\b|pduTag\.set\b/i],
  ["an MQTT publish", /\.(publish|publishAsync)\s*\(/],
  ["an MQTT will", /\bwill\s*:/],
  ["a shell", /node:child_process|\bexecSync\b|\bspawn\(/],
];
test.each(banned)("nowhere on the way to a device: %s", (_, pattern) => expect(filesWith(pattern)).toEqual([]));

test("each of these patterns finds what it is for", () => {
  const found =
    "client.writeFC16(1); c.writeRegister(1); writeMultipleRegisters; 0xA3; client.publish (t); will: {}; import 'node:child_process'";
  for (const [, pattern] of banned) expect(found).toMatch(pattern);
});

describe("the only files that hold a way out; a file more needs a row, and somebody who looks at it", () => {
  test.each<[what: string, pattern: RegExp, files: readonly string[]]>([
    ["UDP", /node:dgram/, ["adapters/sources/snmp/socket.ts", "adapters/sources/snmp/traps/receiver.ts"]],
    [
      "TCP",
      /\{[^}]*\b(?<!type )(connect|createConnection|createServer|Socket)\b[^}]*\} from "node:net"/,
      ["adapters/sources/modbus/bus.ts", "adapters/sources/modbus/identify.ts", "adapters/sources/modbus/session.ts", "cli/demo.ts"],
    ],
    ["TLS", /from "node:(tls|https)"/, ["agent/client.ts", "agent/pin.ts"]],
    ["HTTP", /from "node:http"|(?<![.#])\bfetch\((?!oids)/, ["agent/client.ts", "cli/backtest.ts", "cli/ask.ts"]],
    ["modbus-serial", /from "modbus-serial/, ["adapters/sources/modbus/session.ts"]],
    ["mqtt", /from "mqtt"/, ["adapters/sources/mqtt/session.ts"]],
    ["net-snmp", /from "net-snmp/, []],
  ])("%s", (_, pattern, expected) => {
    expect(new Set(filesWith(pattern))).toEqual(new Set(expected));
  });
});

test("there is no PDU but those that read, those that tell, and the answers to what is told", () => {
  expect(Object.keys(pduTag).sort()).toEqual(["get", "getBulk", "getNext", "inform", "report", "response", "trap1", "trap2"]);
  expect(Object.values<number>(pduTag)).not.toContain(0xa3);
});
