import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Lets the heap grow by a quarter of what is alive and no further before garbage is collected: for a daemon that shares a small
 * machine and has a core to spare for it. V8 would let an agent's heap grow to three times that (seen on Node 20).
 */
export function growSlowly(): void {
  setFlagsFromString("--heap-growing-percent=25");
}

/**
 * Gives back what reading a config took: the text of a thousand assets is some 100 MB of syntax tree, and V8 leaves garbage that
 * has grown old where it is for as long as the heap may grow. Costs some 100 ms, once.
 */
export function giveBackMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  if (typeof collect === "function") collect();
}
