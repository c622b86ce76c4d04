import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveModbus } from "../../demo/modbus-server.ts";
import { freePort } from "../peers/port.ts";
import { type Peer, startPeer, until } from "../peers/process.ts";
import { millwright } from "./demo.ts";

let folder: string;
let port: number;
let device: Awaited<ReturnType<typeof serveModbus>>;
const peers: Peer[] = [];
const at = (name: string): string => join(folder, name);

/** A whole site with TLS, one user, and an agent whose config only names its collector. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-enrol-"));
  port = await freePort();
  device = await serveModbus({ id: 1, registers: () => 7 });
  makeCertificate();
  const hash = execFileSync(process.execPath, [millwright, "user", "hash"], { input: "correct horse battery\n" });
  writeFileSync(at("eva.scrypt"), hash);
  const asset = (name: string, agent: string): string =>
    `  ${name}: { agent: ${agent}, modbus: { tcp: "127.0.0.1:${device.port}", every: 200ms, metrics: [{ metric: power_watts, register: 0, type: uint16, unit: W }] } }\n`;
  const assets = `assets:\n${asset("press", "hall-1")}${asset("mill", "hall-2")}`;
  writeFileSync(
    at("collector.yaml"),
    `collector:
  listen: 127.0.0.1:${port}
  tls: { cert: cert.pem, key: key.pem }
  # Behind a proxy nobody is from this machine.
  trust_proxy: [127.0.0.9]
  store: { duckdb: { dir: ./store } }
users:
  eva: { role: viewer, password: file:eva.scrypt }
${assets}`,
  );
  const agent = `collector: "https://127.0.0.1:${port}", ca: cert.pem`;
  writeFileSync(at("agent.yaml"), `agent: { name: hall-1, ${agent}, spool: { dir: ./spool-1 }, key: keys/hall-1.key }\n${assets}`);
  writeFileSync(
    at("second.yaml"),
    `agent: { name: hall-2, ${agent}, spool: { dir: ./spool-2 }, key: keys/hall-2.key, join: file:join-2 }\n${assets}`,
  );
  await daemon("collector", "collector.yaml", async () => (await status("/readyz")) === 200);
});
afterAll(async () => {
  for (const peer of peers.reverse()) await peer.stop();
  await device.stop();
  rmSync(folder, { recursive: true, force: true });
});

function makeCertificate(): void {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", at("key.pem"), "-out", at("cert.pem"), "-days", "2", ...subject],
    {
      stdio: "ignore",
    },
  );
}

async function daemon(name: string, config: string, ready: () => boolean | Promise<boolean>): Promise<Peer> {
  const peer = await startPeer({ command: process.execPath, args: [millwright, name, "--config", at(config)], ready });
  peers.push(peer);
  return peer;
}

function run(...args: string[]): string {
  return execFileSync(process.execPath, [millwright, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers, ca: readFileSync(at("cert.pem")) }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end();
  });
}
const status = async (path: string, headers = {}): Promise<number> =>
  ask(path, headers).then(
    (answer) => answer.status,
    () => 0,
  );

it("an agent is let in by a token that is good once, signs, rotates its key, and is cut off by a revocation", async () => {
  const create = (...more: string[]): string => run("token", "create", "--config", at("collector.yaml"), ...more);
  const bearer = { authorization: `Bearer ${create("--role", "viewer")}` };
  const values = async (): Promise<string> => (await ask("/api/v1/readings/latest?asset=press", bearer)).text;
  const waiting = await daemon("agent", "agent.yaml", () => true);
  await until("the agent is told to enrol", 15_000, () => waiting.output().includes("does not let this agent in"));
  expect([await status("/api/v1/assets"), await status("/api/v1/assets", bearer)]).toEqual([401, 200]);
  await waiting.stop();

  const token = create("--role", "agent", "--agent", "hall-1");
  const enrol = ["enrol", "--config", at("agent.yaml")];
  expect(run(...enrol, "--token", token)).toContain("agent hall-1 is enrolled");
  expect(statSync(at("keys/hall-1.key")).mode & 0o777).toBe(0o600);
  expect(() => run("enrol", "--config", at("second.yaml"), "--token", token)).toThrow("there is no such join token");
  const agent = await daemon("agent", "agent.yaml", () => true);
  await until("readings arrive", 15_000, async () => (await values()).includes('"value":7'));

  // What was read before it was enrolled has waited in the spool, and what belongs to hall-2 was not taken from hall-1.
  expect(JSON.parse((await ask("/api/v1/readings/latest?asset=mill", bearer)).text)).toEqual({ readings: [] });
  const before = readFileSync(at("keys/hall-1.key"), "utf8");
  run(...enrol, "--rotate");
  expect(readFileSync(at("keys/hall-1.key"), "utf8")).not.toBe(before);
  const since = Date.now();
  await until("readings arrive under the new key", 15_000, async () => {
    const { readings } = JSON.parse(await values()) as { readings: { time: number }[] };
    return readings.some(({ time }) => time > since + 500);
  });

  // The second agent is given no certificate, only what `token create` printed.
  const made = spawnSync(process.execPath, [millwright, "token", "create", "--config", at("collector.yaml"), "--role", "agent"]);
  const [, pin = ""] =
    /millwright enrol .* --collector https:\/\/127\.0\.0\.1:\d+ --pin (sha256\/\S{44}) --token TOKEN/.exec(`${made.stderr}`) ?? [];
  const second = readFileSync(at("second.yaml"), "utf8");
  const wrong = `sha256/${"A".repeat(43)}=`;
  writeFileSync(at("wrong.yaml"), second.replace("ca: cert.pem", `pin: "${wrong}"`));
  expect(() => run("enrol", "--config", at("wrong.yaml"), "--token", `${made.stdout}`.trim())).toThrow(
    `the collector's key is ${pin}, and agent.pin says ${wrong}`,
  );
  writeFileSync(at("second.yaml"), second.replace("ca: cert.pem", `pin: "${pin}"`));
  writeFileSync(at("join-2"), `${made.stdout}`);
  await daemon("agent", "second.yaml", () => existsSync(at("keys/hall-2.key")));
  await until("hall-2 has joined by itself", 15_000, async () =>
    (await ask("/api/v1/readings/latest?asset=mill", bearer)).text.includes('"value":7'),
  );

  run("token", "revoke", "--agent", "hall-1", "--config", at("collector.yaml"));
  await until("hall-1 is cut off", 15_000, () => agent.output().includes("does not let this agent in"));
  const audit = readFileSync(at("store/audit.ndjson"), "utf8");
  for (const act of ["create join token", "enrol", "rotate key", "revoke agent"]) expect(audit).toContain(`"act":"${act}"`);
  for (const secret of [token, bearer.authorization.slice(7)]) expect(audit).not.toContain(secret.split("_")[2]);
});

it("speaks TLS 1.2 and 1.3, and nothing older", async () => {
  const speak = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3"): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({
        host: "127.0.0.1",
        port,
        ca: readFileSync(at("cert.pem")),
        minVersion: version,
        maxVersion: version,
        ciphers: "DEFAULT@SECLEVEL=0",
      });
      socket.on("secureConnect", () => resolve(socket.getProtocol() ?? ""));
      socket.on("error", () => resolve("refused"));
      socket.on("close", () => resolve("refused"));
    });
  expect([await speak("TLSv1.1"), await speak("TLSv1.2"), await speak("TLSv1.3")]).toEqual(["refused", "TLSv1.2", "TLSv1.3"]);
});

it.each([
  ["0.0.0.0:0", "", "no `collector.tls` and no `users`"],
  ["0.0.0.0:0", "  tls: { cert: cert.pem, key: key.pem }\n", "the config has no `users`"],
])("at %s it does not start without TLS and users", (listen, more, said) => {
  writeFileSync(at("open.yaml"), `collector:\n  listen: "${listen}"\n  store: { duckdb: { dir: ./store-open } }\n${more}`);
  try {
    run("collector", "--config", at("open.yaml"));
    expect.fail("it started");
  } catch (error) {
    expect(error).toMatchObject({ status: 78, stderr: expect.stringContaining(said) });
  }
});

it("takes over a renewed certificate on SIGHUP, and keeps the old one where the new one is no good", async () => {
  const served = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  const [collector] = peers;
  if (collector === undefined) throw new Error("no collector runs");
  const first = await served();
  writeFileSync(at("cert.pem"), "no certificate");
  process.kill(collector.pid, "SIGHUP");
  await until("the collector names the fault", 10_000, () => collector.output().includes("no good, the old one serves on"));
  expect(await served()).toBe(first);
  makeCertificate();
  process.kill(collector.pid, "SIGHUP");
  await until("the new certificate is served", 10_000, async () => (await served()) !== first);
  // The ordinary clients check it against the file that has been replaced too.
  expect(await status("/readyz")).toBe(200);
});
