#!/usr/bin/env node
// The package's bin. In a fresh checkout there is no dist yet (npm ci runs no scripts), so it is built once here.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

if (!existsSync(at("dist/built"))) {
  // Two first commands at once: one builds, the other waits for it.
  const lock = at("dist.lock");
  let mine = false;
  try {
    mkdirSync(lock);
    mine = true;
  } catch {
    const until = Date.now() + 60_000;
    while (!existsSync(at("dist/built")) && Date.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  if (mine || !existsSync(at("dist/built"))) {
    const build = spawnSync(process.execPath, [at("build.js")], { stdio: ["ignore", 2, 2] });
    rmSync(lock, { recursive: true, force: true });
    if (build.status !== 0) process.exit(build.status ?? 1);
  }
}
await import("../dist/cli/main.js");
