import { createHash, type KeyObject } from "node:crypto";

/** `sha256/BASE64` of a public key: the SHA-256 of its SubjectPublicKeyInfo (RFC 7469 §2.4), as `curl --pinnedpubkey` takes it after `sha256//`. */
export function pinOf(publicKey: KeyObject): string {
  return `sha256/${createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64")}`;
}

/** 32 bytes in base64. */
export const pinPattern = /^sha256\/[A-Za-z0-9+/]{43}=$/;
