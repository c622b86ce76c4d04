import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { decryptDes, encryptDes, KeyRing } from "../../../../adapters/sources/snmp/keys.ts";

const engine = Buffer.from("000000000000000000000002", "hex");

// RFC 3414 A.3.1 and A.3.2.
it.each([
  ["md5", "526f5eed9fcce26f8964c2930787d82b"],
  ["sha1", "6695febc9288e36282235fc7151f128497b38f3f"],
])("localises as RFC 3414 does, with %s", (hash, key) => {
  const ring = new KeyRing();
  expect(ring.localise(hash, "maplesyrup", engine).toString("hex")).toBe(key);
  expect(ring.localise(hash, "maplesyrup", engine)).toBe(ring.localise(hash, "maplesyrup", engine));
});

it("hashes a passphrase's megabyte once, however many engines there are", () => {
  const ring = new KeyRing();
  ring.localise("sha256", "maplesyrup", engine);
  const before = performance.now();
  for (let i = 0; i < 4000; i++) ring.localise("sha256", "maplesyrup", randomBytes(12));
  // 4000 stretchings would take 4 to 10 s.
  expect(performance.now() - before).toBeLessThan(2000);
});

it("keeps a key that is bytes apart from a passphrase that reads alike", () => {
  const ring = new KeyRing();
  expect(ring.localise("sha1", Buffer.from("maplesyrup"), engine)).toEqual(ring.localise("sha1", "maplesyrup", engine));
  expect(ring.localise("sha1", "other", engine)).not.toEqual(ring.localise("sha1", "maplesyrup", engine));
});

it("DES gives back what it took, padded to whole blocks", () => {
  const key = randomBytes(16);
  const { encrypted, salt } = encryptDes(Buffer.from("thirteen byte"), key);
  expect(encrypted.length).toBe(16);
  expect(decryptDes(encrypted, key, salt).subarray(0, 13).toString()).toBe("thirteen byte");
  expect(() => decryptDes(encrypted.subarray(1), key, salt)).toThrow();
});
