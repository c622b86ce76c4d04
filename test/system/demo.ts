import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { AlarmView } from "../../core/alarm-view.ts";
import type { AssetView } from "../../core/asset-view.ts";
import type { ReadingView } from "../../core/reading-view.ts";
import type { ServiceDetail, ServiceView } from "../../core/service-view.ts";
import type { FaultName } from "../../demo/faults.ts";
import { until } from "../peers/process.ts";

/** The built command, as a user runs it. */
export const millwright = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A running `millwright demo`, as a stranger sees it: a process and a URL. */
export interface Demo {
  readonly url: string;
  readonly pid: number;
  output(): string;
  /** Breaks it, or mends it where it is broken. */
  toggle(fault: FaultName): void;
  services(): Promise<readonly ServiceView[]>;
  service(id: string): Promise<ServiceDetail>;
  assets(): Promise<readonly AssetView[]>;
  alarms(): Promise<readonly AlarmView[]>;
  readings(): Promise<readonly ReadingView[]>;
  /** Waits until every service is ok. */
  allOk(ms: number): Promise<void>;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export async function startDemo(args: readonly string[] = []): Promise<Demo> {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(process.execPath, [millwright, "demo", "--port", "0", ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await until("the demo prints its URL", 15_000, () => {
    if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}:\n${output}`);
    return output.includes("Ctrl-C");
  });
  const url = (/https?:\/\/[^\s/]+/.exec(output) ?? [""])[0];
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}${path}`);
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const services = async (): Promise<readonly ServiceView[]> => (await get<{ services: ServiceView[] }>("/api/v1/services")).services;
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    toggle: (fault) => void child.stdin.write(`${fault}\n`),
    services,
    service: (id) => get<ServiceDetail>(`/api/v1/services/${id}`),
    assets: async () => (await get<{ assets: AssetView[] }>("/api/v1/assets")).assets,
    alarms: async () => (await get<{ alarms: AlarmView[] }>("/api/v1/alarms")).alarms,
    readings: async () => (await get<{ readings: ReadingView[] }>("/api/v1/readings/latest")).readings,
    async allOk(ms) {
      let seen: readonly ServiceView[] = [];
      await until("every service is ok", ms, async () => {
        seen = await services();
        return seen.length >= 4 && seen.every((service) => service.level === "ok");
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${seen.map((one) => `${one.id} ${one.level}: ${one.why}`).join("; ")}\n${output.slice(-3000)}`);
      });
    },
    async stop() {
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}
