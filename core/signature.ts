import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/** What an agent's signature covers (docs/delivery.md §3.6). */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as asked for. */
  readonly path: string;
  readonly agent: string;
  readonly epoch: string;
  /** As the header says it; empty where there is none. */
  readonly seq: string;
  readonly sentAt: string;
  readonly body?: Buffer | undefined;
}

/** The epoch of no spool (the nil UUID of RFC 9562 §5.9): who asks with it is answered, and not taken for an agent that lives. */
export const noEpoch = "00000000-0000-0000-0000-000000000000";

/** Base64url of an Ed25519 signature (RFC 8032): 64 bytes. */
export const signatureHeader = "x-millwright-signature";
const signatureBytes = 64;

/** The headers of a request that its signature covers. */
export const signedHeaders = {
  agent: "x-millwright-agent",
  epoch: "x-millwright-epoch",
  seq: "x-millwright-seq",
  sentAt: "x-millwright-sent-at",
} as const;

/** Signs a request with an agent's private key. */
export function signRequest(request: SignedRequest, key: KeyObject): string {
  return sign(null, textOf(request), key).toString("base64url");
}

/** True when the holder of this public key signed this very request. */
export function isSignedBy(request: SignedRequest, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, "base64url");
  return bytes.length === signatureBytes && verify(null, textOf(request), key, bytes);
}

// One field a line: none of them can hold a line feed, since headers and request lines cannot.
function textOf({ method, path, agent, epoch, seq, sentAt, body }: SignedRequest): Buffer {
  const digest = createHash("sha256")
    .update(body ?? "")
    .digest("hex");
  return Buffer.from(["millwright-1", method, path, agent, epoch, seq, sentAt, digest].join("\n"), "utf8");
}

/** A new Ed25519 key as PEM (PKCS #8). */
export function newPrivateKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Reads a private key; throws where the text is none, or of another kind. */
export function readPrivateKey(pem: string): KeyObject {
  return ed25519(createPrivateKey(pem));
}

/** The public half, base64 of its SubjectPublicKeyInfo (RFC 8410): what a collector keeps. */
export function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");
}

/** Reads what publicKeyOf gave; throws where the text is none, or of another kind. */
export function readPublicKey(spki: string): KeyObject {
  return ed25519(createPublicKey({ key: Buffer.from(spki, "base64"), type: "spki", format: "der" }));
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`a key of kind ${key.asymmetricKeyType ?? "unknown"}, expected Ed25519`);
  return key;
}

/** Shows that whoever enrols an agent holds the private half of its key. */
export function proveKey(agent: string, key: KeyObject): string {
  return sign(null, proofText(agent, publicKeyOf(key)), key).toString("base64url");
}

/** True when `proof` is what proveKey gave for this agent and public key. */
export function isProof({ agent, key, proof }: { readonly agent: string; readonly key: string; readonly proof: string }): boolean {
  const bytes = Buffer.from(proof, "base64url");
  return bytes.length === signatureBytes && verify(null, proofText(agent, key), readPublicKey(key), bytes);
}

function proofText(agent: string, key: string): Buffer {
  return Buffer.from(["millwright-enrol-1", agent, key].join("\n"), "utf8");
}
