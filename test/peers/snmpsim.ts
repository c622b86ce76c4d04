import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freeUdpPort } from "./port.ts";
import { startPeer } from "./process.ts";

const run = promisify(execFile);

export interface Snmpsim {
  readonly port: number;
  stop(): Promise<void>;
}

/** A folder that the simulator, which gives up root, may read. */
export async function snmpsimFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-snmpsim-"));
  await chmod(folder, 0o755);
  return folder;
}

/** Serves the recordings (`NAME.snmprec`) of a folder with Debian's snmpsim: the community is NAME. `first` is one of them. */
export async function startSnmpsim(data: string, first: string): Promise<Snmpsim> {
  const port = await freeUdpPort();
  const cache = await snmpsimFolder();
  await mkdir(join(cache, "index"));
  await chmod(join(cache, "index"), 0o777);
  const root = process.getuid?.() === 0;
  const peer = await startPeer({
    command: "/usr/bin/snmpsimd",
    args: [
      ...(root ? ["--process-user=nobody", "--process-group=nogroup"] : []),
      `--cache-dir=${join(cache, "index")}`,
      `--data-dir=${data}`,
      "--logging-method=null",
      "--v3-engine-id=010203040505060801",
      "--v3-user=none",
      `--agent-udpv4-endpoint=127.0.0.1:${port}`,
    ],
    ready: () => answers(port, first),
  });
  return {
    port,
    async stop() {
      await peer.stop();
      await rm(cache, { recursive: true, force: true });
    },
  };
}

async function answers(port: number, community: string): Promise<boolean> {
  const args = ["-v2c", "-c", community, "-t", "1", "-r", "0", `127.0.0.1:${port}`, "1.3.6.1.2.1.1"];
  return run("snmpgetnext", args, { env: { ...process.env, MIBS: "" } }).then(
    () => true,
    () => false,
  );
}
