import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How net-snmp's tools say who they are: `["-v2c", "-c", "public"]`. */
export type Identity = readonly string[];

let folder: string | undefined;

/** Sends a trap or an inform with Debian's net-snmp tools; `code` is 0 where it was sent, and an inform answered. */
function send(tool: "snmptrap" | "snmpinform", args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  folder ??= mkdtempSync(join(tmpdir(), "millwright-snmptrap-"));
  const env = { ...process.env, MIBS: "", SNMP_PERSISTENT_DIR: folder, SNMPCONFPATH: folder };
  return new Promise((resolve) => {
    execFile(`/usr/bin/${tool}`, [...args], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });
}

export interface Sent {
  readonly port: number;
  readonly as: Identity;
  readonly oid: string;
  /** OID, type and value, one after the other. */
  readonly variables?: readonly string[];
}

export function snmptrap({ port, as, oid, variables = [] }: Sent): ReturnType<typeof send> {
  return send("snmptrap", [...as, `127.0.0.1:${port}`, "", oid, ...variables]);
}

export function snmpinform({ port, as, oid, variables = [] }: Sent): ReturnType<typeof send> {
  return send("snmpinform", ["-r", "1", "-t", "2", ...as, `127.0.0.1:${port}`, "", oid, ...variables]);
}

export interface SentV1 {
  readonly port: number;
  readonly community: string;
  readonly enterprise: string;
  readonly generic: number;
  readonly specific: number;
  readonly variables?: readonly string[];
}

/** A Trap-PDU of v1. */
export function snmptrap1({ port, community, enterprise, generic, specific, variables = [] }: SentV1): ReturnType<typeof send> {
  const head = ["-v1", "-c", community, `127.0.0.1:${port}`, enterprise, "192.0.2.7", String(generic), String(specific), ""];
  return send("snmptrap", [...head, ...variables]);
}
