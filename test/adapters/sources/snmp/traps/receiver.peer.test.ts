import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../../../peers/process.ts";
import { snmpinform, snmptrap, snmptrap1 } from "../../../../peers/snmptrap.ts";
import { assetAt, type OpenEars, openEars } from "./ears.ts";

const linkDown = "1.3.6.1.6.3.1.1.5.3";
const ifIndex3 = ["1.3.6.1.2.1.2.2.1.1.3", "i", "3"];
const passphrase = { auth: "authpass123", privacy: "privpass123" } as const;

/** As net-snmp calls them, and as config does. */
const auths = { MD5: "md5", SHA: "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" } as const;
const privacies = { DES: "des", AES: "aes" } as const;

interface V3 {
  readonly name: string;
  readonly as: readonly string[];
  readonly config: object;
}

const users: readonly V3[] = [
  { name: "noAuthNoPriv", as: ["-l", "noAuthNoPriv"], config: {} },
  ...Object.entries(auths).map(([theirs, ours]) => ({
    name: `authNoPriv ${theirs}`,
    as: ["-l", "authNoPriv", "-a", theirs, "-A", passphrase.auth],
    config: { auth: { [ours]: `literal:${passphrase.auth}` } },
  })),
  ...Object.entries(auths).flatMap(([theirAuth, auth]) =>
    Object.entries(privacies).map(([theirs, ours]) => ({
      name: `authPriv ${theirAuth} ${theirs}`,
      as: ["-l", "authPriv", "-a", theirAuth, "-A", passphrase.auth, "-x", theirs, "-X", passphrase.privacy],
      config: { auth: { [auth]: `literal:${passphrase.auth}` }, privacy: { [ours]: `literal:${passphrase.privacy}` } },
    })),
  ),
];
const userNamed = (i: number): string => `user${i}`;
const v3 = (i: number): readonly string[] => ["-v3", "-u", userNamed(i), ...(users[i]?.as ?? [])];

let open: OpenEars;
let port: number;

beforeAll(async () => {
  const secure = users.map(({ config }, i) => [`v3-${i}`, assetAt({ version: 3, user: userNamed(i), ...config })] as const);
  open = await openEars({
    assets: { "sw-1": assetAt({ community: "literal:sesame" }), ...Object.fromEntries(secure) },
  });
  ({ port } = open.receiver);
});
afterAll(() => open.close());

/** What was heard since, once there is any of it. */
async function hearing(act: () => Promise<unknown>): Promise<{ traps: OpenEars["ears"]["traps"]; outcomes: string[] }> {
  const { ears } = open;
  const [traps, refusals] = [ears.traps.length, ears.refusals.length];
  await act();
  await until("something is heard", 5000, () => ears.traps.length + ears.refusals.length > traps + refusals);
  return { traps: ears.traps.slice(traps), outcomes: ears.outcomes().slice(refusals) };
}

describe("traps of net-snmp", () => {
  test("v1: a generic trap is the notification of v2c with its number, an enterprise's has its specific number below 0", async () => {
    const variables = ifIndex3;
    const generic = await hearing(() =>
      snmptrap1({ port, community: "sesame", enterprise: "1.3.6.1.4.1.9.1.1", generic: 2, specific: 0, variables }),
    );
    expect(generic.traps[0]).toMatchObject({ asset: "sw-1", name: "linkDown", origin: linkDown, labels: { if_index: "3" } });
    const apc = await hearing(() =>
      snmptrap1({
        port,
        community: "sesame",
        enterprise: "1.3.6.1.4.1.318",
        generic: 6,
        specific: 5,
        variables: ["1.3.6.1.4.1.318.2.3.3.0", "s", "input power lost"],
      }),
    );
    expect(apc.traps[0]).toMatchObject({
      name: "upsOnBattery",
      level: "major",
      text: "on battery: input power lost",
      origin: "1.3.6.1.4.1.318.0.5",
    });
    const ups = await hearing(() => snmptrap1({ port, community: "sesame", enterprise: "1.3.6.1.2.1.33.2", generic: 6, specific: 1 }));
    expect(ups.traps[0]).toMatchObject({ name: "upsTrapOnBattery" });
  });

  test("v2c: variables by name, and one that nobody knows by its OID", async () => {
    const variables = [...ifIndex3, "1.3.6.1.2.1.2.2.1.7.3", "i", "2", "1.3.6.1.4.1.99999.7.0", "s", "hello \u0007"];
    const { traps } = await hearing(() => snmptrap({ port, as: ["-v2c", "-c", "sesame"], oid: linkDown, variables }));
    expect(traps).toEqual([
      {
        asset: "sw-1",
        time: expect.any(Number),
        name: "linkDown",
        level: "ok",
        text: "interface 3 went down",
        labels: { if_index: "3" },
        values: { ifIndex: "3", ifAdminStatus: "down", "1.3.6.1.4.1.99999.7.0": "hello" },
        origin: linkDown,
      },
    ]);
  });

  test("v2c: an inform is answered", async () => {
    const { traps } = await hearing(async () => {
      const { code, output } = await snmpinform({ port, as: ["-v2c", "-c", "sesame"], oid: linkDown, variables: ifIndex3 });
      expect(output).toBe("");
      expect(code).toBe(0);
    });
    expect(traps).toHaveLength(1);
  });

  test.each(users.map(({ name }, i) => [name, i] as const))("v3 %s: a trap is taken, an inform answered", async (_, i) => {
    const trap = await hearing(() => snmptrap({ port, as: v3(i), oid: linkDown, variables: ifIndex3 }));
    expect(trap.traps.map(({ asset }) => asset)).toEqual([`v3-${i}`]);
    const inform = await snmpinform({ port, as: v3(i), oid: linkDown, variables: ifIndex3 });
    expect(inform).toEqual({ code: 0, output: "" });
    expect(open.ears.traps.at(-1)).toMatchObject({ asset: `v3-${i}`, labels: { if_index: "3" } });
  });
});

describe("what is not taken", () => {
  const sha = users.findIndex(({ name }) => name === "authNoPriv SHA-256");
  const shaAes = users.findIndex(({ name }) => name === "authPriv SHA-256 AES");
  const as = (i: number, ...changed: readonly string[]): readonly string[] => [...v3(i), ...changed];

  test.each([
    ["a wrong community", ["-v2c", "-c", "public"]],
    ["an unknown user", ["-v3", "-u", "nobody", "-l", "noAuthNoPriv"]],
    ["a wrong key", as(sha, "-A", "another-pass")],
    ["a wrong digest", as(sha, "-a", "SHA-512")],
    ["a wrong privacy key", as(shaAes, "-X", "another-pass")],
    ["a lower security level than its user's", as(shaAes, "-l", "authNoPriv")],
    ["no security where its user has some", as(sha, "-l", "noAuthNoPriv")],
  ])("%s", async (_, identity) => {
    const trap = await hearing(() => snmptrap({ port, as: identity, oid: linkDown }));
    expect(trap.traps).toEqual([]);
    expect(trap.outcomes).toEqual(["denied"]);
    const before = open.ears.traps.length;
    const inform = await snmpinform({ port, as: [...identity, "-t", "1", "-r", "0"], oid: linkDown });
    expect(inform.code).not.toBe(0);
    expect(open.ears.traps).toHaveLength(before);
  });
});

test("a community of the port is good for an asset of version 3, where one asset is there alone", async () => {
  const other = await openEars({
    assets: { ups: assetAt({ version: 3, user: "mon" }) },
    port: { communities: ["literal:traps"], users: [{ user: "trapper", auth: { sha256: "literal:authpass123" } }] },
  });
  await snmptrap({ port: other.receiver.port, as: ["-v2c", "-c", "traps"], oid: linkDown });
  const user = ["-v3", "-u", "trapper", "-l", "authNoPriv", "-a", "SHA-256", "-A", "authpass123"];
  await snmptrap({ port: other.receiver.port, as: user, oid: linkDown });
  await until("both are heard", 5000, () => other.ears.traps.length === 2);
  expect(other.ears.traps.map(({ asset }) => asset)).toEqual(["ups", "ups"]);
  await other.close();
});

test("two assets at one address with the same community: nobody's trap, and it is said what to do", async () => {
  const same = { community: "literal:public" };
  const other = await openEars({ assets: { a: assetAt(same), b: assetAt({ ...same, port: 1161 }) } });
  await snmptrap({ port: other.receiver.port, as: ["-v2c", "-c", "public"], oid: linkDown });
  await until("it is refused", 5000, () => other.ears.refusals.length > 0);
  expect(other.ears.refusals[0]).toMatchObject({ outcome: "ambiguous", what: "it may be of a, b: give them credentials of their own" });
  await other.close();
});

test("a stranger's trap is not looked at; further addresses of an asset are its own", async () => {
  const other = await openEars({ assets: { a: assetAt({ community: "literal:public" }, "192.0.2.1") } });
  await snmptrap({ port: other.receiver.port, as: ["-v2c", "-c", "public"], oid: linkDown });
  await until("it is refused", 5000, () => other.ears.refusals.length > 0);
  expect(other.ears.refusals[0]).toMatchObject({ outcome: "unknown_sender", address: "127.0.0.1" });
  const moved = assetAt({ community: "literal:public", traps_from: ["127.0.0.1"] }, "192.0.2.1");
  await other.receiver.hear([{ asset: "a", spec: moved }]);
  await snmptrap({ port: other.receiver.port, as: ["-v2c", "-c", "public"], oid: linkDown });
  await until("it is taken", 5000, () => other.ears.traps.length > 0);
  await other.close();
});

test("an inform that is dropped is not answered", async () => {
  open.ears.taking = async () => false;
  const inform = await snmpinform({ port, as: ["-v2c", "-c", "sesame", "-t", "1", "-r", "0"], oid: linkDown });
  expect(inform.code).not.toBe(0);
  open.ears.taking = async () => true;
});

test("our engine keeps its id over a restart and has booted once more: informs go on", async () => {
  const i = users.findIndex(({ name }) => name === "authPriv SHA AES");
  const spec = assetAt({ version: 3, user: userNamed(i), ...users[i]?.config });
  const first = await openEars({ assets: { a: spec } });
  const { folder } = first;
  expect((await snmpinform({ port: first.receiver.port, as: v3(i), oid: linkDown })).code).toBe(0);
  await first.receiver.close();
  const second = await openEars({ assets: { a: spec }, folder });
  expect((await snmpinform({ port: second.receiver.port, as: v3(i), oid: linkDown })).code).toBe(0);
  expect(second.ears.traps).toHaveLength(1);
  await second.close();
  await first.close().catch(() => {});
});
