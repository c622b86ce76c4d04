import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM files of a server. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Certificates of a private CA for a server at 127.0.0.1, as PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly good: ServerCertificate;
  /** Its time was over yesterday. */
  readonly expired: ServerCertificate;
  /** For another host. */
  readonly elsewhere: ServerCertificate;
  /** A CA that signed none of them. */
  readonly otherCa: string;
  remove(): Promise<void>;
}

const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const here = "DNS:localhost,IP:127.0.0.1";

/** Made by openssl in a folder of their own. */
export async function makeCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), "millwright-certificates-"));
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "ignore" });
  const authority = (name: string): string => {
    openssl("req", "-x509", ...ec, "-keyout", at(`${name}.key`), "-out", at(`${name}.pem`), "-days", "2", "-subj", `/CN=${name}`);
    return at(`${name}.pem`);
  };
  const signed = (name: string, { host = here, days = "1" }: { host?: string; days?: string } = {}): ServerCertificate => {
    const [key, request, cert] = [at(`${name}.key`), at(`${name}.csr`), at(`${name}.pem`)];
    openssl("req", "-new", ...ec, "-keyout", key, "-out", request, "-subj", `/CN=${name}`, "-addext", `subjectAltName=${host}`);
    const by = ["-CA", at("plant-ca.pem"), "-CAkey", at("plant-ca.key"), "-copy_extensions", "copy"];
    openssl("x509", "-req", "-in", request, ...by, "-days", days, "-out", cert);
    return { cert, key };
  };
  return {
    ca: authority("plant-ca"),
    good: signed("good"),
    expired: signed("expired", { days: "-1" }),
    elsewhere: signed("elsewhere", { host: "DNS:elsewhere.example" }),
    otherCa: authority("other-ca"),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
