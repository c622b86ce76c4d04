import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../cli/program.ts";
import { registerServices } from "../../cli/services.ts";
import { hallAtWork } from "../collector/stage.ts";

const yaml = `
assets:
  filler-31: { name: Filler 31, labels: { type: filler, line: "3" }, attributes: { nominal_bph: 12000 } }
  filler-32: { name: Filler 32, labels: { type: filler, line: "3" }, attributes: { nominal_bph: 12000 } }
  filler-33: { name: Filler 33, labels: { type: filler, line: "3" }, attributes: { nominal_bph: 12000 } }
  mes-server: { name: MES server }
  ups-1: {}
services:
  bottling-line-3:
    name: Bottling line 3
    needs:
      - 2 of {type=filler,line=3}
      - service mes
      - { sum: "{type=filler,line=3}", weight: nominal_bph, at_least: 24000, degraded_below: 30000, worst: major }
  mes: { name: MES, needs: [asset mes-server, { asset: ups-1, worst: warning }] }
`;

let folder: string;
let path: string;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-services-"));
  path = join(folder, "plant.yaml");
  writeFileSync(path, yaml);
  const stage = hallAtWork();
  stage.status("mes-server", "down", "timed out", "snmp");
  stage.changes();
  server = createServer((request, response) => {
    const detail = stage.plant.service((request.url ?? "").replace("/api/v1/services/", ""));
    response.writeHead(detail === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(detail ?? {}));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function millwright(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const io = { stdout: { write: (text: string) => out.push(text) }, stderr: { write: (text: string) => err.push(text) }, env: {} };
  const code = await run(["services", ...args], io, { services: () => Promise.resolve(registerServices) });
  return { code, out: out.join(""), err: err.join("") };
}

describe("services what-if", () => {
  it("gives every service's level and causes, by DESIGN's own line", async () => {
    const { code, out } = await millwright("what-if", "--config", path, "--set", "filler-31=critical,ups-1=unknown", "--format", "json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      services: {
        "bottling-line-3": { level: "warning", low: "warning", high: "warning", causes: ["filler-31"] },
        mes: { level: "unknown", low: "ok", high: "warning", causes: ["ups-1"] },
      },
    });
  });

  it("takes --set twice, and prints a table for people", async () => {
    const { out } = await millwright("what-if", "--config", path, "--set", "filler-31=critical", "--set", "filler-32=maintenance");
    expect(out).toBe(
      [
        "SERVICE          LEVEL     LOW       HIGH      CAUSES",
        "bottling-line-3  critical  critical  critical  filler-31, filler-32",
        "mes              ok        ok        ok",
        "",
      ].join("\n"),
    );
  });

  it.each([
    { set: "filler-13=critical", message: /asset "filler-13" does not exist \(did you mean filler-3[123]\?\)/ },
    { set: "filler-31=critcal", message: /"critcal" is not one of ok, .*\(did you mean critical\?\)/ },
    { set: "filler-31", message: /"filler-31" is not ASSET=STATE/ },
    { set: "=ok", message: /"=ok" is not ASSET=STATE/ },
  ])("refuses --set $set with usage", async ({ set, message }) => {
    const { code, out, err } = await millwright("what-if", "--config", path, "--set", set);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });

  it("refuses a config with faults as config", async () => {
    const bad = join(folder, "bad.yaml");
    writeFileSync(bad, "services: { a: { needs: [service b] }, b: { needs: [service a] } }\n");
    const { code, err } = await millwright("what-if", "--config", bad);
    expect(code).toBe(78);
    expect(err).toContain("a -> b -> a");
  });
});

describe("services tree", () => {
  it("prints what a service needs", async () => {
    const { code, out } = await millwright("tree", "bottling-line-3", "--config", path);
    expect(code).toBe(0);
    expect(out).toBe(`bottling-line-3: Bottling line 3
  2 of {type=filler,line=3}: 2 needed, 3 up
    asset filler-31 (Filler 31)
    asset filler-32 (Filler 32)
    asset filler-33 (Filler 33)
  service mes (MES)
    asset mes-server (MES server)
    asset ups-1
  nominal_bph of {type=filler,line=3}: 24000 needed, 36000 up
    asset filler-31 (Filler 31)
    asset filler-32 (Filler 32)
    asset filler-33 (Filler 33)
`);
  });

  it("prints all services, or says which there are", async () => {
    expect((await millwright("tree", "--config", path, "--format", "ndjson")).out.split("\n")).toHaveLength(3);
    const { code, err } = await millwright("tree", "mse", "--config", path);
    expect([code, err]).toEqual([2, 'there is no service "mse" (did you mean mes?); there are bottling-line-3, mes\n']);
  });
});

describe("services impact", () => {
  it("imagines what else fails, also when something has failed before", async () => {
    const { code, out } = await millwright("impact", "filler-31", "--config", path);
    expect([code, out]).toEqual([0, "SERVICE          LEVEL    LOW      HIGH\nbottling-line-3  warning  warning  warning\n"]);
    const worse = await millwright("impact", "filler-31", "--config", path, "--set", "filler-32=critical", "--format", "json");
    expect(JSON.parse(worse.out)).toMatchObject({ asset: "filler-31", services: [{ id: "bottling-line-3", level: "critical" }] });
    expect((await millwright("impact", "filler-31", "--set", "mes=ok")).err).toContain("needs --config");
    expect((await millwright("impact", "filler-13", "--config", path)).err).toContain('asset "filler-13" does not exist');
  });
});

describe("services graph", () => {
  it("is Graphviz's, Mermaid's, or JSON", async () => {
    const dot = await millwright("graph", "--config", path);
    expect(dot.out).toContain('digraph millwright {\n  rankdir=LR\n  "service:bottling-line-3" [label="Bottling line 3", shape=box]\n');
    expect(dot.out).toContain('  "need:bottling-line-3:2" -> "asset:filler-33"\n');
    expect(dot.out).toContain('  "service:mes" -> "asset:ups-1" [label="at worst warning"]\n');
    const mermaid = await millwright("graph", "--config", path, "--format", "mermaid");
    expect(mermaid.out).toContain('flowchart LR\n  n0["Bottling line 3"]\n');
    expect(mermaid.out).toMatch(/n\d+\{"2 of #123;type=filler,line=3#125;"\}/);
    const { nodes, edges } = JSON.parse((await millwright("graph", "--config", path, "--format", "json")).out);
    expect(edges).toContainEqual({ from: "service:bottling-line-3", to: "service:mes", kind: "needs" });
    expect(nodes).toHaveLength(9);
  });
});

describe("services explain", () => {
  it("imagines with --set", async () => {
    const { out } = await millwright("explain", "mes", "--config", path, "--set", "mes-server=major");
    expect(out).toBe(
      "MES is major: MES server is major\nok again when MES server recovers\n  [major] asset mes-server (MES server) - MES server is major\n  [ok] asset ups-1\n",
    );
  });

  it("asks a running collector", async () => {
    const { code, out } = await millwright("explain", "bottling-line-3", "--url", url);
    expect(code).toBe(0);
    expect(out).toContain("between ok and critical: MES is unknown; MES server does not answer (timed out)\n");
    expect(out).toContain("\n  [unknown: ok..critical] service mes (MES) - MES is unknown");
    expect(JSON.parse((await millwright("explain", "mes", "--url", url, "--format", "json")).out)).toMatchObject({
      causes: ["mes-server"],
    });
  });

  it.each([
    { args: ["nobody"], code: 2, message: /answers 404/ },
    { args: ["mes", "--set", "ups-1=critical"], code: 2, message: /needs --config/ },
    { args: ["mes", "--url", "mes.example"], code: 2, message: /is not an http/ },
  ])("$args ends with $code", async ({ args, code: expected, message }) => {
    const { code, err } = await millwright("explain", ...args, "--url", url);
    expect(code).toBe(expected);
    expect(err).toMatch(message);
  });

  it("says what is wrong where no collector answers", async () => {
    const { code, err } = await millwright("explain", "mes", "--url", "http://127.0.0.1:1");
    expect(code).toBe(1);
    expect(err).toMatch(/127\.0\.0\.1:1: .*is the collector running\? --config and --set need none/);
  });
});
