import { expect, it } from "vitest";
import { Engines } from "../../../../adapters/sources/snmp/engines.ts";

const at = (port: number) => ({ address: "127.0.0.1", family: 4, port }) as const;

it("names the other device with the same engine id, and not the device itself", () => {
  const engines = new Engines();
  const id = Buffer.from("8000000001020304", "hex");
  expect(engines.meet(id, at(161))).toBeUndefined();
  expect(engines.meet(id, at(161))).toBeUndefined();
  expect(engines.meet(id, at(162))).toBe("127.0.0.1:161");
  expect(engines.meet(Buffer.from("80000000010203ff", "hex"), at(163))).toBeUndefined();
});
