import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BerWriter, Malformed } from "../../../../adapters/sources/snmp/ber.ts";
import { pduTag, readEnvelope } from "../../../../adapters/sources/snmp/envelope.ts";
import { type AuthName, authKinds, MessageSigner } from "../../../../adapters/sources/snmp/hmac.ts";
import { encodeOid } from "../../../../adapters/sources/snmp/oid.ts";
import { createPrivacy, type PrivacyName, privacyKinds } from "../../../../adapters/sources/snmp/privacy.ts";
import { type Keys, Refused, readSecureMessage, writeSecureMessage } from "../../../../adapters/sources/snmp/usm.ts";

const authNames = Object.keys(authKinds) as AuthName[];
const privacyNames = Object.keys(privacyKinds) as PrivacyName[];
const writer = new BerWriter();
const bytes = encodeOid("1.3.6.1.2.1.1.3.0");
const names = [{ bytes, start: 0, end: bytes.length }];
const engine = Buffer.from("8000000001020304", "hex");

function keysOf(auth: AuthName | undefined, privacy: PrivacyName | undefined): Keys {
  return {
    signer: auth === undefined ? undefined : new MessageSigner(auth, randomBytes(20)),
    privacy: privacy === undefined ? undefined : createPrivacy(privacy, randomBytes(privacyKinds[privacy].keyLength)),
  };
}

function write(keys: Keys): Buffer {
  return writeSecureMessage(writer, {
    engine,
    at: { boots: 3, time: 100_000 },
    user: Buffer.from("mon"),
    context: Buffer.from("ctx"),
    keys,
    ask: { kind: pduTag.get, id: 4711, names, repetitions: 0 },
  });
}

const combinations = [undefined, ...authNames].flatMap((auth) =>
  (auth === undefined ? [undefined] : [undefined, ...privacyNames]).map((privacy) => [auth, privacy] as const),
);

describe("a v3 message", () => {
  it.each(combinations)("of %s and %s is read as it was written", (auth, privacy) => {
    const keys = keysOf(auth, privacy);
    const message = write(keys);
    const flags = 4 | (auth === undefined ? 0 : 1) | (privacy === undefined ? 0 : 2);
    expect(readEnvelope(message)).toMatchObject({ version: 3, id: 4711, flags });
    const read = readSecureMessage(message, keys);
    expect(read).toMatchObject({ id: 4711, flags, engine, at: { boots: 3, time: 100_000 }, user: Buffer.from("mon") });
    expect(read.pdu.answer.varbinds()).toEqual([{ oid: "1.3.6.1.2.1.1.3.0", type: 5, value: null }]);
    if (privacy !== undefined) expect(message.includes(Buffer.from(bytes))).toBe(false);
  });

  it.each(authNames)("with one bit changed is refused: %s", (auth) => {
    const keys = keysOf(auth, "aes");
    const message = write(keys);
    for (let at = 20; at < message.length; at++) {
      const bent = Buffer.from(message);
      bent[at] = (bent[at] ?? 0) ^ 1;
      expect(() => readSecureMessage(bent, keys), `byte ${at}`).toThrow();
    }
    expect(() => readSecureMessage(message, keysOf(auth, "aes"))).toThrow(Refused);
    expect(() => readSecureMessage(message, undefined)).toThrow(Refused);
  });

  it("is read, refused or Malformed, whatever arrives", () => {
    const keys = keysOf("sha256", "aes");
    const plain = write({ signer: undefined, privacy: undefined });
    const read = (message: Buffer): void => {
      try {
        readSecureMessage(message, keys).pdu.answer.count;
      } catch (error) {
        expect(error instanceof Malformed || error instanceof Refused).toBe(true);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(plain.length - 1), fc.nat(255), (noise, at, byte) => {
        read(Buffer.from(noise));
        const bent = Buffer.from(plain);
        bent[at] = byte;
        read(bent);
        read(bent.subarray(0, at));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("cryptography written out", () => {
  it.each(authNames)("signs as node:crypto's HMAC does: %s", (name) => {
    const key = randomBytes(name === "sha512" ? 64 : 20);
    const message = randomBytes(1400);
    const zeroed = Buffer.from(message).fill(0, 60, 60 + authKinds[name].digest);
    new MessageSigner(name, key).sign(message, 60);
    const right = createHmac(name, key).update(zeroed).digest().subarray(0, authKinds[name].digest);
    expect(message.subarray(60, 60 + right.length)).toEqual(right);
  });

  it.each([0, 1, 15, 16, 17, 31, 32, 1000, 1392, 1400])("decrypts AES of %i bytes as OpenSSL encrypts it", (length) => {
    const [key, salt, plain] = [randomBytes(16), randomBytes(8), randomBytes(length)];
    // RFC 3826 §3.1.2.1: boots, time, salt.
    const iv = Buffer.concat([Buffer.from("0000000700000100", "hex"), salt]);
    const data = createCipheriv("aes-128-cfb", key, iv).update(plain);
    expect(createPrivacy("aes", key).decrypt(data, salt, { boots: 7, time: 256 })).toEqual(plain);
  });

  it.each([
    ["aes", 128, 16],
    ["aes192b", 192, 24],
    ["aes256r", 256, 32],
  ] as const)("encrypts one message after another as OpenSSL does: %s", (name, bits, keyLength) => {
    const key = randomBytes(keyLength);
    const privacy = createPrivacy(name, key);
    for (const length of [100, 1, 16, 0, 33, 1400, 15, 48]) {
      const plain = randomBytes(length);
      const { data, salt } = privacy.encrypt(plain, { boots: 7, time: length });
      const head = Buffer.alloc(8);
      head.writeInt32BE(7);
      head.writeInt32BE(length, 4);
      const right = createCipheriv(`aes-${bits}-cfb`, key, Buffer.concat([head, salt])).update(plain);
      expect(data).toEqual(right);
      expect(privacy.decrypt(data, salt, { boots: 7, time: length })).toEqual(plain);
    }
  });

  // NIST SP 800-38A F.3.13, F.3.15 and F.3.17, whose IV reads as boots, time and salt of RFC 3826 §3.1.2.1.
  it.each([
    ["aes", "2b7e151628aed2a6abf7158809cf4f3c", "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"],
    ["aes192b", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a"],
    [
      "aes256b",
      "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
      "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b",
    ],
  ] as const)("decrypts NIST's vectors: %s", (name, key, data) => {
    const plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    const privacy = createPrivacy(name, Buffer.from(key, "hex"));
    const at = { boots: 0x00010203, time: 0x04050607 };
    expect(privacy.decrypt(Buffer.from(data, "hex"), Buffer.from("08090a0b0c0d0e0f", "hex"), at).toString("hex")).toBe(plain);
  });

  it("never uses a salt twice", () => {
    const privacy = createPrivacy("aes", randomBytes(16));
    const salts = Array.from({ length: 100 }, () => privacy.encrypt(Buffer.alloc(8), { boots: 1, time: 1 }).salt.toString("hex"));
    expect(new Set(salts).size).toBe(100);
  });

  it("DES gives back what it took, padded to whole blocks", () => {
    const privacy = createPrivacy("des", randomBytes(16));
    const { data, salt } = privacy.encrypt(Buffer.from("thirteen byte"), { boots: 1, time: 1 });
    expect(data.length).toBe(16);
    expect(privacy.decrypt(data, salt, { boots: 1, time: 1 }).subarray(0, 13).toString()).toBe("thirteen byte");
    expect(() => privacy.decrypt(data.subarray(1), salt, { boots: 1, time: 1 })).toThrow();
  });
});
