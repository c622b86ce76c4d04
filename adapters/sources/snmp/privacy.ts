import { type Cipher, createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Extension } from "./keys.ts";

export type PrivacyName = "des" | "aes" | "aes192b" | "aes192r" | "aes256b" | "aes256r";

interface PrivacyKind {
  readonly aes: 128 | 192 | 256 | undefined;
  readonly keyLength: number;
  readonly extension: Extension;
}

export const privacyKinds: Readonly<Record<PrivacyName, PrivacyKind>> = {
  // 8 bytes of key, 8 of pre-IV.
  des: { aes: undefined, keyLength: 16, extension: "blumenthal" },
  aes: { aes: 128, keyLength: 16, extension: "blumenthal" },
  aes192b: { aes: 192, keyLength: 24, extension: "blumenthal" },
  aes192r: { aes: 192, keyLength: 24, extension: "reeder" },
  aes256b: { aes: 256, keyLength: 32, extension: "blumenthal" },
  aes256r: { aes: 256, keyLength: 32, extension: "reeder" },
};

/** When a message was encrypted, by the engine's clock. */
export interface EngineTime {
  readonly boots: number;
  readonly time: number;
}

/** Encrypts and decrypts what one engine and we say to each other. */
export interface Privacy {
  encrypt(plain: Uint8Array, at: EngineTime): { readonly data: Buffer; readonly salt: Buffer };
  /** Throws where the data cannot have been encrypted so. */
  decrypt(data: Uint8Array, salt: Uint8Array, at: EngineTime): Buffer;
}

export function createPrivacy(name: PrivacyName, key: Buffer): Privacy {
  const { aes } = privacyKinds[name];
  return aes === undefined ? new DesPrivacy(key) : new AesPrivacy(key, aes);
}

/** Counts up from a random number: a salt is never used twice with one key. */
class Salts {
  #next = randomBytes(8).readBigUInt64BE();

  take(): Buffer {
    const salt = Buffer.allocUnsafe(8);
    salt.writeBigUInt64BE(this.#next);
    this.#next = BigInt.asUintN(64, this.#next + 1n);
    return salt;
  }
}

const block = 16;
/** The message that is at hand: its IV, and what is encrypted after it. */
const chained = Buffer.from(new ArrayBuffer(65_536 + 2 * block));
const chainedWords = new Uint32Array(chained.buffer);

/**
 * CFB128 of RFC 3826 §3, by two ciphers that live as long as the session: a fresh one for each message costs more than what
 * it does. With `X(i) = E(C(i-1))`, `C(i) = P(i) xor X(i)`, so decryption is one ECB encryption of the IV and all blocks of
 * cipher text but the last; and `X(i+1) = E(P(i) xor X(i))`, so encryption is one CBC encryption of the IV and all blocks
 * of plain text but the last.
 */
class AesPrivacy implements Privacy {
  readonly #key: Buffer;
  readonly #bits: number;
  readonly #salts = new Salts();
  #blocks: Cipher | undefined;
  #chain: Cipher | undefined;
  /** What the chain is left with: it is taken out of the next IV again. */
  readonly #last = Buffer.alloc(block);

  constructor(key: Buffer, bits: number) {
    this.#key = key;
    this.#bits = bits;
  }

  encrypt(plain: Uint8Array, at: EngineTime): { readonly data: Buffer; readonly salt: Buffer } {
    this.#chain ??= this.#cipher("cbc", Buffer.alloc(block));
    const salt = this.#salts.take();
    lay(plain, at, salt);
    for (let i = 0; i < block; i++) chained[i] = (chained[i] ?? 0) ^ (this.#last[i] ?? 0);
    const data = this.#chain.update(chained.subarray(0, wholeBlocks(plain.length)));
    this.#last.set(data.subarray(data.length - block));
    return { data: xorLaid(data, plain.length), salt };
  }

  decrypt(data: Uint8Array, salt: Uint8Array, at: EngineTime): Buffer {
    if (salt.length !== 8) throw new RangeError(`privacy parameters of ${salt.length} bytes`);
    this.#blocks ??= this.#cipher("ecb", null);
    lay(data, at, salt);
    return xorLaid(this.#blocks.update(chained.subarray(0, wholeBlocks(data.length))), data.length);
  }

  #cipher(mode: "cbc" | "ecb", iv: Buffer | null): Cipher {
    return createCipheriv(`aes-${this.#bits}-${mode}`, this.#key, iv).setAutoPadding(false);
  }
}

/** Lays a message out after its IV. */
function lay(message: Uint8Array, { boots, time }: EngineTime, salt: Uint8Array): void {
  chained.writeInt32BE(boots, 0);
  chained.writeInt32BE(time, 4);
  chained.set(salt, 8);
  chained.set(message, block);
}

/** What the cipher made, xor the message that was laid out, of `length` bytes. */
function xorLaid(made: Buffer, length: number): Buffer {
  const bytes = aligned(made);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ (chainedWords[i + block / 4] ?? 0);
  return bytes.subarray(0, length);
}

function wholeBlocks(length: number): number {
  return Math.ceil(length / block) * block;
}

/** The same bytes where they can be read as words. */
function aligned(bytes: Buffer): Buffer {
  return bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
}

/** CBC-DES of RFC 3414 §8 without OpenSSL's legacy provider: triple DES with three equal keys is single DES. */
class DesPrivacy implements Privacy {
  readonly #key: Buffer;
  readonly #preIv: Buffer;
  readonly #salts = new Salts();

  constructor(key: Buffer) {
    const one = key.subarray(0, 8);
    this.#key = Buffer.concat([one, one, one]);
    this.#preIv = key.subarray(8, 16);
  }

  encrypt(plain: Uint8Array): { readonly data: Buffer; readonly salt: Buffer } {
    const salt = this.#salts.take();
    const cipher = createCipheriv("des-ede3-cbc", this.#key, this.#iv(salt)).setAutoPadding(false);
    const padded = Buffer.alloc(Math.ceil(plain.length / 8) * 8);
    padded.set(plain);
    return { data: Buffer.concat([cipher.update(padded), cipher.final()]), salt };
  }

  decrypt(data: Uint8Array, salt: Uint8Array): Buffer {
    const decipher = createDecipheriv("des-ede3-cbc", this.#key, this.#iv(salt)).setAutoPadding(false);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  }

  #iv(salt: Uint8Array): Buffer {
    return Buffer.from(this.#preIv.map((byte, i) => byte ^ (salt[i] ?? 0)));
  }
}
