import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { isLoopback, parseAddress } from "../collector/listen.ts";
import { type Config, collector as collectorSchema } from "../config/schema.ts";
import { pinOf } from "../core/pin.ts";

/**
 * What to type where the agent is. The join token is left out: it stands on standard output, once. The pin of the collector's key is
 * in it where it speaks https, so that no certificate has to be carried there.
 */
export function enrolCommand(config: Pick<Config, "collector">): string {
  const settings = config.collector ?? collectorSchema.parse({});
  const { host, port } = parseAddress(settings.listen);
  const anyAddress = host === "0.0.0.0" || host === "::";
  const name = settings.hosts[0] ?? (anyAddress ? hostname() : host);
  const address = isLoopback(host) && settings.hosts.length > 0 ? name : `${name.includes(":") ? `[${name}]` : name}:${port}`;
  const pin = settings.tls === undefined ? undefined : pinOfFile(settings.tls.cert);
  const scheme = settings.tls === undefined ? "http" : "https";
  return `millwright enrol --config PATH --collector ${scheme}://${address}${pin === undefined ? "" : ` --pin ${pin}`} --token TOKEN`;
}

/** Undefined where the file cannot be read here: the collector says so itself when it starts. */
function pinOfFile(path: string): string | undefined {
  try {
    return pinOf(new X509Certificate(readFileSync(path)).publicKey);
  } catch {
    return undefined;
  }
}
