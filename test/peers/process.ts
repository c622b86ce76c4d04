import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** A server that a test started. */
export interface Peer {
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Ends it (SIGTERM, then SIGKILL) and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
}

export interface PeerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** True once it serves; asked every 50 ms for at most 20 s. */
  readonly ready: (output: string) => boolean | Promise<boolean>;
}

/** Starts a server and waits until it serves. Rejects with its output when it ends or stays silent. */
export async function startPeer(peer: PeerCommand): Promise<Peer> {
  let output = "";
  const child = spawn(peer.command, [...peer.args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...peer.env },
    ...(peer.cwd === undefined ? {} : { cwd: peer.cwd }),
  });
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const started = new Promise<never>((_, reject) => child.once("error", reject));
  started.catch(() => {});
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const until = Date.now() + patience * 20_000;
  for (;;) {
    if (await Promise.race([Promise.resolve(peer.ready(output)), started])) break;
    if (child.exitCode !== null || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`${peer.command} ${peer.args.join(" ")} did not come up:\n${output.slice(-2000)}`);
    }
    await sleep(50);
  }
  return { pid: child.pid ?? 0, output: () => output, stop: () => end(child, gone, "SIGTERM"), kill: () => end(child, gone, "SIGKILL") };
}

async function end(child: ChildProcess, gone: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await gone;
  clearTimeout(timer);
}

/** How many times longer than on an idle machine anything may take: the limits end what hangs, they measure nothing. */
const patience = 4;

/** Asks until the condition holds; rejects after a few times `ms`, the limit on an idle machine, with what was waited for. */
export async function until(what: string, ms: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patience * ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${patience * ms} ms in vain: ${what}`);
    await sleep(25);
  }
}
