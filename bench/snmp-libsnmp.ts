import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { columns, scalars } from "./snmp-columns.ts";
import type { Version } from "./snmp-pollers.ts";

/** A small C program on Debian's libsnmp, built where there is a compiler. */
export interface LibsnmpPoller {
  /** CPU per poll of one of `devices` devices, us. */
  cost(of: { readonly port: number; readonly version: Version; readonly devices: number; readonly rounds: number }): Promise<number>;
}

/** Undefined without gcc or libsnmp-dev. */
export function buildLibsnmpPoller(folder: string): LibsnmpPoller | undefined {
  const program = join(folder, "poll");
  const source = join(process.cwd(), "bench/c/poll.c");
  if (spawnSync("gcc", ["-O2", "-o", program, source, "-lnetsnmp"], { stdio: "ignore" }).status !== 0) return undefined;
  const input = [...scalars, "", ...columns.map(({ oid }) => oid), ""].join("\n");
  return {
    async cost({ port, version, devices, rounds }) {
      const child = spawn(program, [`${port}`, version, `${devices}`, `${rounds}`], { stdio: ["pipe", "pipe", "inherit"] });
      child.stdin.end(input);
      let printed = "";
      child.stdout.on("data", (text: Buffer) => {
        printed += text.toString();
      });
      await once(child, "close");
      return Number(printed.split(" ")[0]);
    },
  };
}
