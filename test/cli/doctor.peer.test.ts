import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkUp, type Finding } from "../../agent/checkup.ts";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { EnrolledAgents } from "../../collector/door/enrolled.ts";
import { loadConfig } from "../../config/load.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { newPrivateKey, publicKeyOf, readPrivateKey } from "../../core/signature.ts";
import { serveModbus } from "../../demo/modbus-server.ts";
import { testFolder } from "../agent/spool/readings.ts";
import { CollectorSite } from "../faults/site.ts";
import { freePort } from "../peers/port.ts";
import { capturedIo } from "./captured-io.ts";

const unit = (port: number): string =>
  `{ modbus: { tcp: "127.0.0.1:${port}", timeout: 300ms, metrics: [{ metric: power_watts, register: 0, type: uint16 }] } }`;

/** A config of agent hall-1 that has one Modbus unit, which lives, and whatever is said besides. */
async function siteFile({ collector, spool = "./spool", more = "" }: { collector: string; spool?: string; more?: string }) {
  const device = await serveModbus({ id: 1, registers: () => 7 });
  onTestFinished(() => device.stop());
  const folder = testFolder();
  const path = join(folder, "site.yaml");
  writeFileSync(
    path,
    `agent: { name: hall-1, collector: "${collector}", spool: { dir: ${spool} } }\nassets:\n  press: ${unit(device.port)}\n${more}`,
  );
  return { folder, path };
}

async function doctor(path: string): Promise<{ code: number; findings: Finding[]; err: string }> {
  const io = capturedIo();
  const code = await run(["doctor", "--config", path, "--timeout", "5s", "--format", "json"], io, commands);
  return { code, findings: JSON.parse(io.out()), err: io.err() };
}

describe("millwright doctor", () => {
  test("finds nothing where all is well, changes nothing, and is no sign of the agent's life", async () => {
    const site = await CollectorSite.create();
    const collector = await site.start();
    const { folder, path } = await siteFile({ collector: collector.url });
    const { code, findings } = await doctor(path);
    expect(findings.map(({ outcome, check }) => `${check} ${outcome}`)).toEqual(["spool ok", "collector ok", "clock ok", "devices ok"]);
    expect(findings.at(-1)?.says).toBe("1 of 1 sources answer");
    expect(code).toBe(0);
    expect(collector.view.agents()).toEqual([]);
    expect(existsSync(join(folder, "spool"))).toBe(false);
  });

  test("says what is wrong, each in a line, and ends with 1", async () => {
    const [nobody, dead] = [await freePort(), await freePort()];
    const secret = `  ups: { snmp: { host: 127.0.0.1, port: ${dead}, community: env:MILLWRIGHT_TEST_NONE, timeout: 200ms, retries: 0 } }\n`;
    const { path } = await siteFile({
      collector: `http://127.0.0.1:${nobody}`,
      spool: "./site.yaml/spool",
      more: `  still: ${unit(dead)}\n${secret}`,
    });
    const { code, findings, err } = await doctor(path);
    expect(code).toBe(1);
    const problems = findings.filter(({ outcome }) => outcome === "problem");
    expect(problems.map(({ check, says }) => `${check}: ${says}`)).toEqual([
      expect.stringMatching(/^secret: assets\.ups\.snmp\.\S+: secret env:MILLWRIGHT_TEST_NONE: the environment has no such variable$/),
      expect.stringMatching(/^spool: .*site\.yaml\/spool cannot be written: E/),
      expect.stringContaining(`collector: http://127.0.0.1:${nobody}: connect ECONNREFUSED`),
      expect.stringContaining("device: still modbus: "),
      expect.stringContaining("device: ups snmp: "),
      "devices: 1 of 3 sources answer",
    ]);
    expect(err).toBe("6 of 6 findings are problems\n");
  });

  test("says that the collector does not let in who has no key, once there are agents with keys", async () => {
    const site = await CollectorSite.create();
    const { url } = await site.start();
    new EnrolledAgents(site.store).add("hall-1", { key: publicKeyOf(readPrivateKey(newPrivateKey())), enrolled: 0 });
    const { path } = await siteFile({ collector: url });
    const { code, findings } = await doctor(path);
    expect(code).toBe(1);
    expect(findings.filter(({ outcome }) => outcome === "problem")).toEqual([
      { check: "collector", outcome: "problem", says: expect.stringContaining(`${url}, as agent hall-1 without a key: answered 401`) },
    ]);
  });

  test("says how far a clock is off", async () => {
    const site = await CollectorSite.create();
    const { url } = await site.start();
    const { path } = await siteFile({ collector: url });
    const clock = { ...systemClock(), now: () => Date.now() - 5000 };
    const found = await checkUp({ config: loadConfig(path), clock, log: silentLog, timeoutMs: 5000 });
    expect(found.find(({ check }) => check === "clock")).toMatchObject({
      outcome: "problem",
      says: expect.stringMatching(/^-(?:49|50)\d\d ms ahead of the collector's: readings become Uncertain$/),
    });
  });
});
