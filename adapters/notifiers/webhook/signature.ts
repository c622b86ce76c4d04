import { createHmac } from "node:crypto";

export interface Signed {
  readonly id: string;
  /** Seconds since epoch. */
  readonly timestamp: number;
  readonly body: string;
  readonly secret: string;
}

/**
 * `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` (standardwebhooks.com). A secret that begins with `whsec_` is
 * base64; any other is the key as it stands.
 */
export function signatureOf({ id, timestamp, body, secret }: Signed): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
