import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PollLine } from "../../cli/poll.ts";
import { millwright } from "./demo.ts";

export interface Polled {
  readonly lines: readonly PollLine[];
  readonly code: number;
  readonly stderr: string;
}

/** Runs `millwright poll --format ndjson` on a config of these sections. */
export function poll(config: string, env: Readonly<Record<string, string>> = {}): Promise<Polled> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-poll-"));
  const path = join(folder, "poll.yaml");
  writeFileSync(path, config);
  return new Promise((resolve) => {
    const args = [millwright, "poll", "--config", path, "--format", "ndjson"];
    execFile(process.execPath, args, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      rmSync(folder, { recursive: true, force: true });
      const lines = stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as PollLine);
      resolve({ lines, stderr, code: typeof error?.code === "number" ? error.code : 0 });
    });
  });
}
