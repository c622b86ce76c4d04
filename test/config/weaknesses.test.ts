import { expect, test } from "vitest";
import { parseConfig } from "../../config/load.ts";
import { weaknesses, weaknessKinds, weaknessLines } from "../../config/weaknesses.ts";

const found = (text: string): string[] =>
  weaknesses(parseConfig({ directory: "/etc/mw", files: [{ file: "x.yaml", text }] }).config).map(({ kind, where }) => `${kind} ${where}`);
const asset = (snmp: string): string => `assets: { a: { snmp: { host: 10.0.0.1, ${snmp} } } }`;
const v3 = "version: 3, user: u, auth:";

const cases: readonly [what: string, text: string, weak: readonly string[]][] = [
  ["SNMP 2c", asset("community: env:C"), ["snmp-clear assets.a.snmp"]],
  ["SNMP 2c on this machine", "assets: { a: { snmp: { host: 127.0.0.1, community: env:C } } }", []],
  ["SNMP 3 with SHA-256 and AES", asset(`${v3} { sha256: env:A }, privacy: { aes: env:P }`), []],
  ["SNMP 3 without auth", asset("version: 3, user: u"), ["snmp-no-auth assets.a.snmp"]],
  ["SNMP 3 without privacy", asset(`${v3} { sha256: env:A }`), ["snmp-no-privacy assets.a.snmp"]],
  ["MD5 and DES", asset(`${v3} { md5: env:A }, privacy: { des: env:P }`), ["snmp-md5 assets.a.snmp", "snmp-des assets.a.snmp"]],
  [
    "a further version",
    asset(`${v3} { sha512: env:A }, privacy: { aes256r: env:P }, credentials: [{ version: 1, community: env:C }]`),
    ["snmp-clear assets.a.snmp.credentials[0]"],
  ],
  [
    "traps",
    `agent: { name: a, traps: { listen: "0.0.0.0:10162", communities: [env:C], users: [{ user: u, auth: { md5: env:A } }] } }`,
    ["traps-clear agent.traps.communities", "snmp-no-privacy agent.traps.users[0]", "snmp-md5 agent.traps.users[0]"],
  ],
  [
    "MQTT",
    'brokers: { b: { url: "mqtt://10.0.0.2" }, c: { url: "mqtts://10.0.0.2" }, d: { url: "tcp://[::1]:1883" } }',
    ["mqtt-clear brokers.b"],
  ],
  ["the way to the collector", 'agent: { name: a, collector: "http://col.example:8460" }', ["agent-clear agent.collector"]],
  ["https to the collector", 'agent: { name: a, collector: "https://col.example:8460" }', []],
  [
    "an open collector",
    'collector: { listen: "0.0.0.0:8460", insecure: true }',
    ["collector-clear collector.listen", "collector-open collector.listen"],
  ],
  [
    "sinks",
    'collector: { sinks: [{ influx: { url: "http://10.0.0.3:8086", database: d, user: u, password: env:P } }, { influx: { url: "http://10.0.0.3:8086", database: d } }] }',
    ["sink-clear collector.sinks[0]"],
  ],
  [
    "channels",
    'notify: { channels: { h: { webhook: { url: "http://10.0.0.4/x", token: env:T } }, m: { email: { host: mail.example, tls: none, from: a@b.c, to: [d@e.f] } }, o: { webhook: { url: "http://10.0.0.4/x" } } } }',
    ["channel-clear notify.channels.h", "channel-clear notify.channels.m"],
  ],
];
test.each(cases)("%s", (_, text, weak) => expect(found(text)).toEqual(weak));

test("every kind is shown by a case here", () => {
  const kinds = new Set(cases.flatMap(([, , weak]) => weak.map((one) => one.split(" ")[0])));
  expect([...kinds].sort()).toEqual(Object.keys(weaknessKinds).sort());
});

test("a thousand of a kind are one line", () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ kind: "mqtt-clear" as const, where: `brokers.b${i}` }));
  expect(weaknessLines(many)).toEqual([`weak: brokers.b0, brokers.b1, brokers.b2 and 997 more: ${weaknessKinds["mqtt-clear"]}`]);
});
