import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CollectorClient } from "../../agent/client.ts";
import { systemClock } from "../../core/clock.ts";
import { pinOf } from "../../core/pin.ts";

const keys = { rsa: ["rsa:2048"], ec: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], ed25519: ["ed25519"] } as const;
type Kind = keyof typeof keys;

let dir: string;
const asked: string[] = [];
const servers: Server[] = [];
const urls = new Map<Kind, string>();
const at = (name: string): string => join(dir, name);
const cert = (kind: Kind): string => readFileSync(at(`${kind}.pem`), "utf8");
const pinOfCert = (kind: Kind): string => pinOf(new X509Certificate(cert(kind)).publicKey);

/** Certificates that nobody signed and that name another host: the key is all that counts. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "millwright-pin-"));
  for (const [kind, how] of Object.entries(keys)) {
    const out = ["-keyout", at(`${kind}.key`), "-out", at(`${kind}.pem`)];
    execFileSync("openssl", ["req", "-x509", "-newkey", ...how, "-nodes", ...out, "-days", "1", "-subj", "/CN=elsewhere"], {
      stdio: "ignore",
    });
  }
  for (const kind of Object.keys(keys) as Kind[]) {
    const server = createServer({ cert: cert(kind), key: readFileSync(at(`${kind}.key`)) }, (request, response) => {
      asked.push(`${kind} ${request.url}`);
      response.end("{}");
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    urls.set(kind, `https://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
    servers.push(server);
  }
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(dir, { recursive: true, force: true });
});

async function ask(kind: Kind, trust: { pins?: readonly string[]; ca?: string }, times = 1): Promise<number> {
  const client = new CollectorClient({ collector: urls.get(kind) ?? "", clock: systemClock(), timeoutMs: 5_000, ...trust });
  let status = 0;
  try {
    for (let i = 0; i < times; i++)
      status = (await client.ask({ method: "POST", path: `/try-${i}`, headers: {}, body: Buffer.from("x") }, AbortSignal.timeout(5_000)))
        .status;
    return status;
  } finally {
    client.close();
  }
}

describe.each(Object.keys(keys) as Kind[])("a collector with a key of %s", (kind) => {
  test("is known by its pin alone, whatever its certificate says, over a kept connection", async () => {
    expect(await ask(kind, { pins: [pinOfCert(kind)] }, 3)).toBe(200);
    expect(await ask(kind, { pins: [`sha256/${"A".repeat(43)}=`, pinOfCert(kind)] })).toBe(200);
  });

  test("has the pin that openssl computes", () => {
    const spki = execFileSync("openssl", ["x509", "-in", at(`${kind}.pem`), "-pubkey", "-noout"]);
    const der = execFileSync("openssl", ["pkey", "-pubin", "-outform", "der"], { input: spki });
    const digest = execFileSync("openssl", ["dgst", "-sha256", "-binary"], { input: der });
    expect(pinOfCert(kind)).toBe(`sha256/${digest.toString("base64")}`);
  });

  test("with another key is told so, and hears nothing", async () => {
    const before = asked.length;
    const other = pinOfCert(kind === "rsa" ? "ec" : "rsa");
    await expect(ask(kind, { pins: [other] })).rejects.toThrow(
      `the collector's key is ${pinOfCert(kind)}, and agent.pin says ${other}: its key was changed, or somebody else answers in its place`,
    );
    expect(asked.length).toBe(before);
  });

  test("is not let off the CA where the config names one beside the pin", async () => {
    await expect(ask(kind, { pins: [pinOfCert(kind)], ca: cert(kind === "rsa" ? "ec" : "rsa") })).rejects.toThrow(/certificate/);
    await expect(ask(kind, { pins: [pinOfCert(kind)], ca: cert(kind) })).rejects.toThrow(/does not match/);
    await expect(ask(kind, {})).rejects.toThrow(/certificate/);
  });
});
