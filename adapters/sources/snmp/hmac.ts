import { hash as digest, timingSafeEqual } from "node:crypto";

export type AuthName = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

interface AuthKind {
  /** Bytes that the hash works on at a time. */
  readonly block: number;
  /** Bytes of the digest that a message carries (RFC 3414 §6 and §7, RFC 7860 §4.1). */
  readonly digest: number;
}

export const authKinds: Readonly<Record<AuthName, AuthKind>> = {
  md5: { block: 64, digest: 12 },
  sha1: { block: 64, digest: 12 },
  sha224: { block: 64, digest: 16 },
  sha256: { block: 64, digest: 24 },
  sha384: { block: 128, digest: 32 },
  sha512: { block: 128, digest: 48 },
};

const maxBlock = 128;
/** The message that is being signed, with room for a block before it. */
const inner = Buffer.alloc(maxBlock + 65_536);
const outer = Buffer.alloc(maxBlock + 64);
/** The digest that was made last. */
const made = Buffer.alloc(64);

/** HMAC (RFC 2104) of messages with one localised key. Written out, because the hashes at one call each cost less than an Hmac object. */
export class MessageSigner {
  /** Bytes of a digest. */
  readonly length: number;
  readonly #hash: AuthName;
  readonly #block: number;
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  constructor(hash: AuthName, key: Buffer) {
    const { block, digest: length } = authKinds[hash];
    this.length = length;
    this.#hash = hash;
    this.#block = block;
    const padded = Buffer.alloc(block);
    key.copy(padded);
    this.#inner = Buffer.from(padded.map((byte) => byte ^ 0x36));
    this.#outer = Buffer.from(padded.map((byte) => byte ^ 0x5c));
  }

  /** Writes the digest of a message into its place, `at`. */
  sign(message: Buffer, at: number): void {
    message.set(this.#digest(message, at), at);
  }

  /** True when the message carries the right digest at `at`; takes as long whether it does or not. */
  verify(message: Uint8Array, at: number): boolean {
    return timingSafeEqual(this.#digest(message, at), message.subarray(at, at + this.length));
  }

  /** Of the message with zeros in the digest's place; good until the next. */
  #digest(message: Uint8Array, at: number): Buffer {
    const block = this.#block;
    inner.set(this.#inner);
    inner.set(message, block);
    inner.fill(0, block + at, block + at + this.length);
    // As text, a byte a character: memory of its own for each digest costs as much as the digest.
    const first = digest(this.#hash, inner.subarray(0, block + message.length), "binary");
    outer.set(this.#outer);
    outer.write(first, block, "binary");
    made.write(digest(this.#hash, outer.subarray(0, block + first.length), "binary"), "binary");
    return made.subarray(0, this.length);
  }
}
