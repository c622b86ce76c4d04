import { randomBytes } from "node:crypto";
import snmp from "net-snmp";
import { expect, it } from "vitest";
import { KeyRing, privacyKey } from "../../../../adapters/sources/snmp/keys.ts";

const engine = Buffer.from("000000000000000000000002", "hex");

// RFC 3414 A.3.1 and A.3.2; for the hashes of RFC 7860, which has no vectors, what npm net-snmp makes of the same.
it.each([
  ["md5", "526f5eed9fcce26f8964c2930787d82b"],
  ["sha1", "6695febc9288e36282235fc7151f128497b38f3f"],
  ["sha224", "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be682075674"],
  ["sha256", "8982e0e549e866db361a6b625d84cccc11162d453ee8ce3a6445c2d6776f0f8b"],
  ["sha384", "3b298f16164a11184279d5432bf169e2d2a48307de02b3d3f7e2b4f36eb6f0455a53689a3937eea07319a633d2ccba78"],
  [
    "sha512",
    "22a5a36cedfcc085807a128d7bc6c2382167ad6c0dbc5fdff856740f3d84c099ad1ea87a8db096714d9788bd544047c9021e4229ce27e4c0a69250adfcffbb0b",
  ],
])("localises as RFC 3414 does, with %s", async (hash, key) => {
  const ring = new KeyRing();
  expect((await ring.localise(hash, "maplesyrup", engine)).toString("hex")).toBe(key);
  // A key of the Reeder extension is stretched for one engine only: it is kept.
  const grown = Buffer.from(key, "hex");
  expect(await ring.localise(hash, grown, engine)).toBe(await ring.localise(hash, grown, engine));
});

/** The library's own localisation: a second opinion on the hashes that RFC 7860 adds. */
const theirs = (snmp as unknown as { Authentication: { passwordToKey(protocol: number, passphrase: string, engine: Buffer): Buffer } })
  .Authentication;

it.each([
  ["sha224", snmp.AuthProtocols.sha224],
  ["sha256", snmp.AuthProtocols.sha256],
  ["sha384", snmp.AuthProtocols.sha384],
  ["sha512", snmp.AuthProtocols.sha512],
])("localises as npm net-snmp does, with %s", async (hash, protocol) => {
  expect(await new KeyRing().localise(hash, "maplesyrup", engine)).toEqual(theirs.passwordToKey(protocol, "maplesyrup", engine));
});

it("hashes a passphrase's megabyte once, however many engines there are", async () => {
  const ring = new KeyRing();
  await ring.localise("sha256", "maplesyrup", engine);
  for (let i = 0; i < 40_000; i++) await ring.localise("sha256", "maplesyrup", randomBytes(12));
  // 40,000 stretchings would take 40 to 100 s: the test would run into its time limit.
});

it("lets the loop turn between two passphrases", async () => {
  const ring = new KeyRing();
  let turns = 0;
  const count = (): void => {
    turns++;
    if (turns < 1000) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(Array.from({ length: 20 }, (_, i) => ring.localise("sha1", `passphrase ${i}`, engine)));
  expect(turns).toBeGreaterThan(15);
});

it("keeps a key that is bytes apart from a passphrase that reads alike", async () => {
  const ring = new KeyRing();
  expect(await ring.localise("sha1", Buffer.from("maplesyrup"), engine)).toEqual(await ring.localise("sha1", "maplesyrup", engine));
  expect(await ring.localise("sha1", "other", engine)).not.toEqual(await ring.localise("sha1", "maplesyrup", engine));
});

it.each(["blumenthal", "reeder"] as const)("a key that is too short grows, and begins as it was: %s", async (extension) => {
  const ring = new KeyRing();
  const of = { hash: "sha1", passphrase: "maplesyrup", engine, extension };
  const [short, middle, long] = await Promise.all([16, 24, 32].map((length) => privacyKey(ring, { ...of, length })));
  expect([short?.length, middle?.length, long?.length]).toEqual([16, 24, 32]);
  expect(middle?.subarray(0, 16)).toEqual(short);
  expect(long?.subarray(0, 24)).toEqual(middle);
});
