import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../peers/port.ts";
import { type Peer, startPeer } from "../peers/process.ts";
import { millwright } from "./demo.ts";

/** A site in a temporary folder: one config, from which `millwright agent` and `millwright collector` are started and killed. */
export interface Site {
  readonly folder: string;
  readonly config: string;
  readonly url: string;
  startAgent(): Promise<Peer>;
  startCollector(): Promise<Peer>;
  remove(): void;
}

/** `assets` (and whatever else) is YAML that follows the daemons' own sections; `agentMore` is keys of the agent: `traps: {...}`. */
export async function createSite(rest: string, collectorMore = "", agentMore = ""): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-site-"));
  mkdirSync(join(folder, "secrets"));
  const listen = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "site.yaml");
  writeFileSync(
    config,
    `agent: { name: hall-1, collector: "http://${listen}", spool: { dir: ./spool, max_size: 256MiB }${agentMore === "" ? "" : `, ${agentMore}`} }
collector:
  listen: ${listen}
  store: { duckdb: { dir: ./store, retain: 30d } }
${collectorMore}
${rest}`,
  );
  const daemon = (name: string, ready: () => Promise<boolean> | boolean): Promise<Peer> =>
    startPeer({ command: process.execPath, args: [millwright, name, "--config", config], ready });
  const url = `http://${listen}`;
  return {
    folder,
    config,
    url,
    startAgent: () => daemon("agent", () => true),
    startCollector: () =>
      daemon("collector", () =>
        fetch(`${url}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        ),
      ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
