import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import snmp from "net-snmp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadlines } from "../../../../adapters/sources/snmp/deadlines.ts";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { KeyRing } from "../../../../adapters/sources/snmp/keys.ts";
import { encodeOid } from "../../../../adapters/sources/snmp/oid.ts";
import { type Credentials, createSession, type Session } from "../../../../adapters/sources/snmp/session.ts";
import { SharedSocket } from "../../../../adapters/sources/snmp/socket.ts";
import { systemClock } from "../../../../core/clock.ts";
import { type Snmpd, snmpdKeys, startSnmpd } from "../../../peers/snmpd.ts";
import { type Snmpsim, snmpsimFolder, startSnmpsim } from "../../../peers/snmpsim.ts";

const run = promisify(execFile);
const cases = new URL("../../../cases/snmp/", import.meta.url).pathname;
/** Recordings of real devices; not part of the product (shared/data/SOURCES.md). */
const archive = new URL("../../../../../shared/data/snmp/recordings.tar.xz", import.meta.url).pathname;
const recordings = existsSync(archive) ? ["ciscosb_sx550x-24f", "vmware-esxi", "netmanplus_204", "cumulus_mellanox"] : [];
const names = [...(await readdir(cases)), ...recordings];
/** Variables of each device that are compared. */
const most = 1500;

const shared = (() => {
  const clock = systemClock();
  return { clock, socket: new SharedSocket(), deadlines: new Deadlines(clock), ring: new KeyRing() };
})();

let folder: string;
let simulator: Snmpsim;
let snmpd: Snmpd;

beforeAll(async () => {
  folder = await snmpsimFolder();
  for (const name of await readdir(cases)) await copyFile(join(cases, name, "device.snmprec"), join(folder, `${name}.snmprec`));
  if (recordings.length > 0) {
    const members = recordings.map((name) => `train/recordings/${name}.snmprec`);
    await run("tar", ["-xJf", archive, "-C", folder, "--strip-components=2", "--no-same-owner", ...members]);
    for (const name of recordings) await chmod(join(folder, `${name}.snmprec`), 0o644);
  }
  simulator = await startSnmpsim(folder, names[0] ?? "");
  snmpd = await startSnmpd();
});
afterAll(async () => {
  await simulator.stop();
  await snmpd.stop();
  await shared.socket.close();
  await rm(folder, { recursive: true, force: true });
});

function ours(port: number, credentials: Credentials): Session {
  const peer = { address: "127.0.0.1", family: 4, port } as const;
  return createSession({ peer, target: `127.0.0.1:${port}`, credentials, timeoutMs: 3000, retries: 1, shared, malformed() {}, met() {} });
}

/** A device from its first variable on, by our codec. */
async function walkOurs(session: Session): Promise<readonly Varbind[]> {
  const found: Varbind[] = [];
  for (let last = "1.3"; found.length < most; last = found.at(-1)?.oid ?? "") {
    const bytes = encodeOid(last);
    const answer = await session.getBulk([{ bytes, start: 0, end: bytes.length }], 25, AbortSignal.timeout(20_000));
    const more = answer.varbinds().filter(({ type }) => type !== 130);
    found.push(...more);
    if (more.length < answer.count) break;
  }
  session.close();
  return found.slice(0, most);
}

/** The same by npm net-snmp. */
async function walkTheirs(session: snmp.Session): Promise<readonly Varbind[]> {
  const found: Varbind[] = [];
  for (let last = "1.3"; found.length < most; last = found.at(-1)?.oid ?? "") {
    const lists = await new Promise<readonly (readonly Varbind[])[]>((resolve, reject) =>
      session.getBulk([last], 0, 25, (error, got) => (error === null ? resolve(got as never) : reject(error))),
    );
    const more = lists.flat().filter(({ type }) => type !== 130);
    found.push(...more);
    if (more.length < lists.flat().length) break;
  }
  session.close();
  return found.slice(0, most);
}

describe("our codec and npm net-snmp's read a device alike", () => {
  it.each(names)("%s", async (community) => {
    const theirs = await walkTheirs(
      snmp.createSession("127.0.0.1", community, { port: simulator.port, version: snmp.Version2c, timeout: 3000 }),
    );
    const mine = await walkOurs(ours(simulator.port, { version: "2c", community }));
    expect(theirs.length).toBeGreaterThan(10);
    expect(mine).toEqual(theirs);
  });

  it("over v3, authenticated and encrypted", async () => {
    const account = {
      name: "sha256aes",
      level: snmp.SecurityLevel.authPriv,
      authProtocol: snmp.AuthProtocols.sha256,
      authKey: snmpdKeys.auth,
      privProtocol: snmp.PrivProtocols.aes,
      privKey: snmpdKeys.privacy,
    };
    const theirs = await walkTheirs(snmp.createV3Session("127.0.0.1", account, { port: snmpd.port, version: snmp.Version3 }));
    const mine = await walkOurs(
      ours(snmpd.port, {
        version: "3",
        user: "sha256aes",
        context: "",
        auth: { protocol: "sha256", key: snmpdKeys.auth },
        privacy: { protocol: "aes", key: snmpdKeys.privacy },
      }),
    );
    // Its counters run in between: names and types stand still.
    expect(mine.slice(0, 200).map(({ oid, type }) => [oid, type])).toEqual(theirs.slice(0, 200).map(({ oid, type }) => [oid, type]));
  });
});
