import { decryptDes, encryptDes, KeyRing } from "./keys.ts";

/** Parts of the library that are replaced; it calls them through these objects. */
export interface Repairable {
  readonly Authentication: {
    readonly algorithms: Readonly<Record<number, { readonly CRYPTO_ALGORITHM: string }>>;
    passwordToKey: (protocol: number, passphrase: string | Buffer, engine: Buffer) => Buffer;
  };
  readonly Encryption: { readonly algorithms: Record<number, DesAlgorithm> };
}

interface DesAlgorithm {
  encryptPdu: (pdu: Buffer, protocol: number, key: string, auth: number, engine: { readonly engineID: Buffer }) => unknown;
  decryptPdu: (
    encrypted: Buffer,
    protocol: number,
    salt: Buffer,
    key: string,
    auth: number,
    engine: { readonly engineID: Buffer },
  ) => Buffer;
}

const desProtocol = 2;

/** Keys are stretched once per passphrase, and DES works on Node 17 and newer. */
export function repair(library: Repairable): void {
  const ring = new KeyRing();
  const localise = (protocol: number, passphrase: string | Buffer, engine: Buffer): Buffer =>
    ring.localise(library.Authentication.algorithms[protocol]?.CRYPTO_ALGORITHM ?? "sha1", passphrase, engine);
  library.Authentication.passwordToKey = localise;
  const des = library.Encryption.algorithms[desProtocol];
  if (des === undefined) return;
  des.encryptPdu = (pdu, _protocol, key, auth, engine) => {
    const { encrypted, salt } = encryptDes(pdu, localise(auth, key, engine.engineID));
    return { encryptedPdu: encrypted, msgPrivacyParameters: salt };
  };
  des.decryptPdu = (encrypted, _protocol, salt, key, auth, engine) => decryptDes(encrypted, localise(auth, key, engine.engineID), salt);
}
