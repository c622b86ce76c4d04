import { expect, it } from "vitest";
import { BulkSize } from "../../../../adapters/sources/snmp/bulksize.ts";

const works = (size: BulkSize, times: number, bytesEach = 26): void => {
  for (let i = 0; i < times; i++) size.worked(size.variables, { size: size.variables * bytesEach, overhead: 60 });
};

it("fits a frame, by the size of the device's variables", () => {
  const size = new BulkSize();
  expect(size.variables).toBe(52);
  works(size, 30, 20);
  expect(size.variables).toBe(70);
  works(size, 30, 200);
  expect(size.variables).toBe(7);
});

it("halves where too much was asked, down to one, and grows back", () => {
  const size = new BulkSize();
  size.halve(52);
  expect(size.variables).toBe(26);
  for (const asked of [26, 13, 6, 3, 1]) size.halve(asked);
  expect(size.variables).toBe(1);
  works(size, 19);
  expect(size.variables).toBe(1);
  works(size, 500);
  expect(size.variables).toBe(53);
});

it("silence halves too, but may have other reasons: not below four", () => {
  const size = new BulkSize();
  for (let i = 0; i < 10; i++) size.silent();
  expect(size.variables).toBe(4);
  size.halve(4);
  size.silent();
  expect(size.variables).toBe(2);
});
