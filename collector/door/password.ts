import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** RFC 7914; 32 MiB and about 0.2 s: OWASP's password storage cheat sheet names N=2^15, r=8, p=3. */
const standard = { ln: 15, r: 8, p: 3 } as const;
const saltBytes = 16;
const hashBytes = 32;
/** A hash that costs more than this is refused: whoever may write the file may not stop the collector by it. */
const most = { ln: 17, r: 16, p: 8 } as const;
/** Longest password that is hashed, in characters. */
export const longestPassword = 1024;

interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface Stored {
  readonly cost: Cost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** `$scrypt$ln=15,r=8,p=3$SALT$HASH` (PHC string format) of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, { cost: standard, salt, hash: Buffer.alloc(hashBytes) });
  return `$scrypt$ln=${standard.ln},r=${standard.r},p=${standard.p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** True when the password is the one of this hash. Rejects where the text is no hash of ours. */
export async function isPassword(password: string, text: string): Promise<boolean> {
  const stored = readHash(text);
  return timingSafeEqual(await derive(password, stored), stored.hash);
}

/** Reads a hash; throws with what is wrong, and never repeats it. */
export function readHash(text: string): Stored {
  const [, ln, r, p, salt, hash] = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text) ?? [];
  if (salt === undefined || hash === undefined) throw new Error("is no scrypt hash: `millwright user hash` makes one");
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 10 || cost.ln > most.ln || cost.r < 1 || cost.r > most.r || cost.p < 1 || cost.p > most.p)
    throw new Error(`is a scrypt hash with ln=${cost.ln},r=${cost.r},p=${cost.p}, expected at most ln=17,r=16,p=8 and at least ln=10`);
  const stored = { cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
  if (stored.salt.length < 8 || stored.hash.length < 16) throw new Error("is a scrypt hash with a salt or key that is too short");
  return stored;
}

function derive(password: string, { cost, salt, hash }: Stored): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 512 << 20 };
  // Different keyboards write one letter as one code point or as two.
  const text = password.normalize("NFC");
  return new Promise((resolve, reject) =>
    scrypt(text, salt, hash.length, options, (error, key) => (error === null ? resolve(key) : reject(error))),
  );
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
