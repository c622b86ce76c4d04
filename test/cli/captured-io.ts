import type { Io } from "../../cli/io.ts";

/** Streams that keep what is written, and what a test wants to see of it. */
export function capturedIo(env: Io["env"] = {}, isTTY = false): Io & { readonly out: () => string; readonly err: () => string } {
  let out = "";
  let err = "";
  return {
    env,
    stdout: { isTTY, write: (text) => (out += text) },
    stderr: { isTTY, write: (text) => (err += text) },
    out: () => out,
    err: () => err,
  };
}
