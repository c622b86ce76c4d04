import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hashPassword } from "../../collector/door/password.ts";
import { startMosquitto } from "../peers/mosquitto.ts";
import { freePort, freeUdpPort } from "../peers/port.ts";
import { type Peer, startPeer, until } from "../peers/process.ts";
import { startSnmpd } from "../peers/snmpd.ts";
import { snmptrap } from "../peers/snmptrap.ts";
import { millwright } from "./demo.ts";

const canary = (name: string): string => `canary-${name}-${randomBytes(9).toString("hex")}`;
const planted = {
  community: canary("community"),
  wrongCommunity: canary("community2"),
  auth: canary("auth"),
  privacy: canary("privacy"),
  brokerPassword: canary("broker"),
  wrongBrokerPassword: canary("broker2"),
  influxPassword: canary("influx"),
  writePassword: canary("write"),
  writeToken: canary("bearer"),
  literal: canary("literal"),
  userPassword: canary("user"),
  wrongPassword: canary("guess"),
  header: canary("header"),
  basic: canary("basic"),
  cookie: canary("cookie"),
  environment: canary("env"),
  credential: canary("credential"),
  trapCommunity: canary("trap"),
  trapAuth: canary("trapauth"),
  webhookPath: canary("hookpath"),
  webhookSecret: canary("hooksecret"),
  webhookToken: canary("hooktoken"),
  mailPassword: canary("smtp"),
  alertmanagerToken: canary("am"),
  join: canary("join"),
} as const;
/** What is made on the way: by the name it goes by. */
const made: Record<string, string> = {};

let folder: string;
let url: string;
let traps: number;
let env: Record<string, string>;
const peers: { stop(): Promise<unknown> }[] = [];
const daemons: Peer[] = [];
const at = (name: string): string => join(folder, name);
const seen: [where: string, text: string][] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-canaries-"));
  const [snmpd, mosquitto] = await Promise.all([startSnmpd(), startMosquitto({ users: { mw: planted.brokerPassword } })]);
  peers.push(snmpd, mosquitto);
  const port = await freePort();
  traps = await freeUdpPort();
  url = `http://127.0.0.1:${port}`;
  mkdirSync(at("secrets"));
  const file = (name: keyof typeof planted): string => {
    // A webhook's URL is itself the secret, as Slack's is.
    const text = name === "webhookPath" ? `http://127.0.0.1:1/${planted[name]}` : planted[name];
    writeFileSync(at(`secrets/${name}`), `${text}\n`);
    return `file:secrets/${name}`;
  };
  made["hash"] = await hashPassword(planted.userPassword);
  writeFileSync(at("secrets/eva"), made["hash"]);
  env = { MW_COMMUNITY: planted.wrongCommunity, MW_PRIV: planted.privacy, UNRELATED: planted.environment, MW_TOKEN: planted.writeToken };
  const snmp = `host: 127.0.0.1, port: ${snmpd.port}, every: 500ms, timeout: 200ms, retries: 0`;
  const topics = "topics: [{ topic: a, metrics: { x: {} } }]";
  writeFileSync(
    at("site.yaml"),
    `agent:
  name: hall-1
  collector: "${url}"
  spool: { dir: ./spool }
  key: ./agent.key
  join: ${file("join")}
  traps:
    listen: 127.0.0.1:${traps}
    communities: [${file("trapCommunity")}]
    users: [{ user: t, auth: { sha256: ${file("trapAuth")} } }]
notify:
  routes: [{ level: warning, to: [hook, mail, am] }]
  channels:
    hook: { webhook: { url_from: ${file("webhookPath")}, secret: ${file("webhookSecret")}, token: ${file("webhookToken")} } }
    mail: { email: { host: 127.0.0.1, port: 1, tls: none, user: mw, password: ${file("mailPassword")}, from: a@b.example, to: [c@d.example] } }
    am: { alertmanager: { url: "http://127.0.0.1:1", token: ${file("alertmanagerToken")} } }
alarms:
  dead: { on: { kind: dead }, metric: uptime_seconds, critical: { stale: 1s } }
services:
  plant: { needs: [asset two, asset five] }
collector:
  listen: 127.0.0.1:${port}
  store: { duckdb: { dir: ./store } }
  sinks:
    - influx: { url: "http://127.0.0.1:1", database: plant, user: mw, password: ${file("influxPassword")} }
    - remote_write: { url: "http://127.0.0.1:1/write", user: mw, password: ${file("writePassword")} }
    - remote_write: { url: "http://127.0.0.1:1/write2", token: env:MW_TOKEN }
brokers:
  good: { url: "mqtt://127.0.0.1:${mosquitto.port}", user: mw, password: ${file("brokerPassword")} }
  bad: { url: "mqtt://127.0.0.1:${mosquitto.port}", user: mw, password: ${file("wrongBrokerPassword")} }
users:
  eva: { role: admin, password: file:secrets/eva }
assets:
  one: { snmp: { ${snmp}, community: ${file("community")} } }
  two: { labels: { kind: dead }, dead_after: 2s, snmp: { ${snmp}, community: env:MW_COMMUNITY, credentials: [{ community: ${file("credential")} }] } }
  three: { snmp: { ${snmp}, version: 3, user: sha256aes, auth: { sha256: ${file("auth")} }, privacy: { aes: env:MW_PRIV } } }
  four: { mqtt: { broker: good, ${topics} } }
  five: { mqtt: { broker: bad, ${topics} } }
`,
  );
  writeFileSync(at("bad.yaml"), readFileSync(at("site.yaml"), "utf8").replace("env:MW_TOKEN", planted.literal));
});
afterAll(async () => {
  for (const one of [...daemons, ...peers].reverse()) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[], more: Record<string, string> = {}): string {
  const { stdout, stderr } = spawnSync(process.execPath, [millwright, "--log-level", "debug", ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env, ...more },
    timeout: 30_000,
  });
  seen.push([`millwright ${args[0]} ${args[1]}`, stdout + stderr]);
  return stdout.trim();
}

async function daemon(name: string, more: Record<string, string>, ready: (output: string) => boolean | Promise<boolean>): Promise<Peer> {
  const args = [millwright, "--log-level", "debug", name, "--config", at("site.yaml")];
  const peer = await startPeer({ command: process.execPath, args, env: { ...env, ...more }, ready });
  daemons.push(peer);
  return peer;
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url + path, init);
  seen.push([`${init.method ?? "GET"} ${path}`, `${JSON.stringify([...answer.headers])}\n${await answer.clone().text()}`]);
  return answer;
}

it("thirty secrets are nowhere to be seen but where they were put", async () => {
  await daemon("collector", {}, () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  made["api token"] = run(["token", "create", "--role", "admin", "--config", at("site.yaml")]);
  made["join token"] = run(["token", "create", "--role", "agent", "--config", at("site.yaml")]);
  for (const [name, token] of Object.entries(made)) if (name.endsWith("token")) expect(token).toMatch(/^mw[aj]_/);
  // Where a token is made it is shown, once.
  for (const one of seen) if (one[0].includes("token create")) one[1] = one[1].replaceAll(/mw[aj]_\S+/g, "");
  run(["enrol", "--config", at("site.yaml"), "--token", made["join token"]]);
  made["agent key"] = readFileSync(at("agent.key"), "utf8").split("\n")[1] ?? "";
  const agent = await daemon("agent", {}, () => true);

  const json = { "content-type": "application/json" };
  const knock = (password: string): Promise<Response> =>
    ask("/api/v1/session", { method: "POST", headers: json, body: JSON.stringify({ user: "eva", password }) });
  await knock(planted.wrongPassword);
  const cookie = (await knock(planted.userPassword)).headers.get("set-cookie")?.split(";")[0] ?? "";
  made["session"] = cookie.split("=")[1] ?? "";
  seen.pop();
  const bearer = { authorization: `Bearer ${made["api token"]}` };
  await until("the agent has met its devices", 20_000, async () => {
    const { assets } = (await (await fetch(`${url}/api/v1/assets`, { headers: bearer })).json()) as {
      assets: { sources: { state: string }[] }[];
    };
    return assets.flatMap(({ sources }) => sources).filter(({ state }) => state === "down").length >= 4;
  });
  const { paths } = (await (await ask("/openapi.json", { headers: bearer })).json()) as { paths: Record<string, object> };
  const all = [...Object.keys(paths), "/", "/app.js", "/nowhere"].filter((path) => !path.endsWith("/events"));
  for (const path of all.map((one) => one.replace("{id}", "one"))) {
    await ask(path, { headers: bearer });
    await ask(path, { headers: { cookie } });
    await ask(path, { headers: { authorization: `Bearer ${planted.header}`, cookie: `millwright_session=${planted.cookie}` } });
    const basic = Buffer.from(`mw:${planted.basic}`).toString("base64");
    await ask(path, { method: "POST", headers: { ...json, authorization: `Basic ${basic}`, "x-api-key": planted.header }, body: "{" });
  }
  await snmptrap({ port: traps, as: ["-v2c", "-c", planted.wrongCommunity], oid: "1.3.6.1.6.3.1.1.5.3" });
  await snmptrap({ port: traps, as: ["-v2c", "-c", planted.trapCommunity], oid: "1.3.6.1.6.3.1.1.5.3" });
  for (const args of [
    ["config", "show", at("site.yaml")],
    ["config", "check", at("site.yaml")],
    ["config", "show", at("bad.yaml")],
    ["config", "check", at("bad.yaml")],
  ])
    run(args);
  run(["collector", "--config", at("bad.yaml")]);
  run(["poll", "--config", at("site.yaml"), "--asset", "t*"]);
  run(["token", "list", "--config", at("site.yaml")]);
  run(["snmp", "get", "--config", at("site.yaml"), "--asset", "two", "--timeout", "200ms", "1.3.6.1.2.1.1.1.0"]);
  run(["snmp", "record", "--config", at("site.yaml"), "--asset", "one", "--most", "200"]);
  run(["discover", "127.0.0.1", "--community", "env:MW_COMMUNITY", "--timeout", "200ms"]);
  for (const channel of ["hook", "mail", "am"]) run(["notify", "test", channel, "--config", at("site.yaml")]);
  await agent.stop();
  // A crash in the middle of its work, with what Node prints of it.
  writeFileSync(at("crash.mjs"), "setTimeout(() => { throw new Error('crash'); }, 1500);");
  const crashed = await daemon("agent", { NODE_OPTIONS: `--import ${at("crash.mjs")}` }, (output) => output.includes("Error: crash"));
  await crashed.stop();
  for (const [i, one] of daemons.entries()) seen.push([`log of daemon ${i}`, one.output()]);
  for (const path of filesOf(folder)) seen.push([path, readFileSync(at(path), "latin1")]);

  const secrets = { ...planted, ...made };
  const found = seen.flatMap(([where, text]) =>
    Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [`${name} in ${where}`] : [])),
  );
  process.stdout.write(`${Object.keys(secrets).length} secrets looked for in ${seen.length} places: ${found.length} found\n`);
  expect(Object.keys(secrets).length).toBeGreaterThanOrEqual(30);
  expect(Object.values(secrets).every((secret) => secret.length >= 20)).toBe(true);
  expect(found).toEqual([]);
}, 120_000);

/** What the daemons wrote to disk: not the secrets' own files, nor the configs. */
function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !path.startsWith("secrets/") && !path.endsWith(".yaml") && path !== "agent.key");
}
