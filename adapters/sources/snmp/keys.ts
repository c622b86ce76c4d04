import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** Most localised keys that are remembered: one or two per device. */
const maxLocalised = 50_000;

/**
 * Localises passphrases to engines (RFC 3414 §2.6 and A.2). The megabyte that a passphrase is stretched to is hashed once
 * per passphrase, not once per engine: 1.2-2.2 ms against 10 us.
 */
export class KeyRing {
  readonly #stretched = new Map<string, Buffer>();
  readonly #localised = new Map<string, Buffer>();

  /** `hash` is a name of node:crypto; a Buffer as passphrase is a key of the Reeder extension, of one engine only. */
  localise(hash: string, passphrase: string | Buffer, engine: Buffer): Buffer {
    const secret = typeof passphrase === "string" ? `t${passphrase}` : `b${passphrase.toString("base64")}`;
    const key = `${hash} ${engine.toString("base64")} ${secret}`;
    const known = this.#localised.get(key);
    if (known !== undefined) return known;
    const stretched = typeof passphrase === "string" ? this.#stretch(hash, passphrase) : stretch(hash, passphrase);
    const localised = createHash(hash).update(stretched).update(engine).update(stretched).digest();
    // Engine ids arrive unauthenticated: the map must not grow with what somebody sends.
    if (this.#localised.size >= maxLocalised) this.#localised.clear();
    this.#localised.set(key, localised);
    return localised;
  }

  #stretch(hash: string, passphrase: string): Buffer {
    const key = `${hash} ${passphrase}`;
    const known = this.#stretched.get(key) ?? stretch(hash, passphrase);
    this.#stretched.set(key, known);
    return known;
  }
}

function stretch(hash: string, passphrase: string | Buffer): Buffer {
  return createHash(hash)
    .update(typeof passphrase === "string" ? Buffer.alloc(1 << 20, passphrase) : Buffer.alloc(1 << 20, passphrase))
    .digest();
}

/**
 * CBC-DES of RFC 3414 §8 without OpenSSL's legacy provider: triple DES with three equal keys is single DES.
 * `key` is the localised key: 8 bytes of DES key, 8 bytes of pre-IV.
 */
export function encryptDes(plain: Buffer, key: Buffer): { readonly encrypted: Buffer; readonly salt: Buffer } {
  const salt = randomBytes(8);
  const cipher = createCipheriv("des-ede3-cbc", tripled(key), desIv(key, salt)).setAutoPadding(false);
  const padded = Buffer.alloc(Math.ceil(plain.length / 8) * 8);
  plain.copy(padded);
  return { encrypted: Buffer.concat([cipher.update(padded), cipher.final()]), salt };
}

/** Throws where the bytes are not whole blocks. */
export function decryptDes(encrypted: Buffer, key: Buffer, salt: Buffer): Buffer {
  const decipher = createDecipheriv("des-ede3-cbc", tripled(key), desIv(key, salt)).setAutoPadding(false);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

function tripled(key: Buffer): Buffer {
  const one = key.subarray(0, 8);
  return Buffer.concat([one, one, one]);
}

function desIv(key: Buffer, salt: Buffer): Buffer {
  const iv = Buffer.alloc(8);
  for (let i = 0; i < 8; i++) iv[i] = (key[8 + i] ?? 0) ^ (salt[i] ?? 0);
  return iv;
}
