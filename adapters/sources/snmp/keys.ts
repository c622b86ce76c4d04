import { hash as digest } from "node:crypto";

/** Most keys of the Reeder extension that are remembered, one per device: each has a megabyte of its own to be hashed. */
const maxOfEngines = 50_000;
const megabyte = 1 << 20;

/**
 * Localises passphrases to engines (RFC 3414 §2.6 and A.2). The megabyte that a passphrase is stretched to is hashed once
 * per passphrase, not once per engine: 1.2-2.2 ms against 10 us. One of them per turn of the event loop: thousands of
 * devices may be met at once, each with a passphrase of its own.
 */
export class KeyRing {
  readonly #stretched = new Map<string, Promise<Buffer>>();
  readonly #ofEngines = new Map<string, Buffer>();
  #turn: Promise<void> = Promise.resolve();

  /** `hash` is a name of node:crypto; a Buffer as passphrase is a key of the Reeder extension, of one engine only. */
  async localise(hash: string, passphrase: string | Buffer, engine: Buffer): Promise<Buffer> {
    if (typeof passphrase === "string") return bound(hash, await this.#stretchOnce(hash, passphrase), engine);
    const key = `${hash} ${engine.toString("base64")} ${passphrase.toString("base64")}`;
    const known = this.#ofEngines.get(key);
    if (known !== undefined) return known;
    const localised = bound(hash, await this.#stretch(hash, passphrase), engine);
    // Engine ids arrive unauthenticated: the map must not grow with what somebody sends.
    if (this.#ofEngines.size >= maxOfEngines) this.#ofEngines.clear();
    this.#ofEngines.set(key, localised);
    return localised;
  }

  #stretchOnce(hash: string, passphrase: string): Promise<Buffer> {
    const key = `${hash} ${passphrase}`;
    const stretched = this.#stretched.get(key) ?? this.#stretch(hash, passphrase);
    this.#stretched.set(key, stretched);
    return stretched;
  }

  async #stretch(hash: string, passphrase: string | Buffer): Promise<Buffer> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    await this.#turn;
    return digest(hash, Buffer.alloc(megabyte, passphrase), "buffer");
  }
}

/** What is stretched, bound to an engine: some microseconds, less than it takes to look it up among all devices'. */
function bound(hash: string, stretched: Buffer, engine: Buffer): Buffer {
  return digest(hash, Buffer.concat([stretched, engine, stretched]), "buffer");
}

/** How a key that is too short for its cipher grows: Blumenthal (draft-blumenthal-aes-usm-04) or Reeder (draft-reeder-snmpv3-usm-3desede-00). */
export type Extension = "blumenthal" | "reeder";

/** The privacy key of a passphrase on an engine, of this many bytes. */
export async function privacyKey(
  ring: KeyRing,
  of: {
    readonly hash: string;
    readonly passphrase: string;
    readonly engine: Buffer;
    readonly length: number;
    readonly extension: Extension;
  },
): Promise<Buffer> {
  const { hash, engine, length, extension } = of;
  let last = await ring.localise(hash, of.passphrase, engine);
  let key = last;
  while (key.length < length) {
    last = extension === "reeder" ? await ring.localise(hash, last, engine) : digest(hash, key, "buffer");
    key = Buffer.concat([key, last]);
  }
  return key.subarray(0, length);
}
