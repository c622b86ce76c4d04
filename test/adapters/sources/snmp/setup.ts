import { createSnmpAdapter } from "../../../../adapters/sources/snmp/source.ts";
import { snmpConfig } from "../../../../config/assets.ts";
import { literalSecretsVariable } from "../../../../config/secret.ts";
import { systemClock } from "../../../../core/clock.ts";
import { silentLog } from "../../../../core/log.ts";
import { isBad } from "../../../../core/quality.ts";
import type { PolledSource } from "../../../../core/source.ts";
import { snmpdKeys } from "../../../peers/snmpd.ts";
import { RecordingSink } from "../contract.ts";

process.env[literalSecretsVariable] = "allow";

/** What stands under `snmp:` of an asset for a v3 user of test/peers/snmpd.ts. */
export const secure = {
  version: 3,
  user: "sha256aes",
  auth: { sha256: `literal:${snmpdKeys.auth}` },
  privacy: { aes: `literal:${snmpdKeys.privacy}` },
};

export interface Subject {
  readonly source: PolledSource;
  readonly sink: RecordingSink;
  stop(): Promise<void>;
}

/** A source on 127.0.0.1, with an adapter of its own; community `public` unless the config says otherwise. */
export function subject(config: { readonly port: number } & Readonly<Record<string, unknown>>, sink = new RecordingSink()): Subject {
  const clock = systemClock();
  const adapter = createSnmpAdapter({ log: silentLog, clock });
  const community = config["version"] === 3 ? {} : { community: "literal:public" };
  const spec = snmpConfig.parse({ host: "127.0.0.1", ...community, ...config });
  const source = adapter.source(spec, { asset: "device", everyMs: 30_000, sink, clock, log: silentLog });
  if (source.mode !== "poll") throw new Error("SNMP is polled");
  return {
    source,
    sink,
    async stop() {
      await source.close();
      await adapter.close();
    },
  };
}

/** One round, and the error that it ended with. */
export async function poll({ source }: Subject, ms = 10_000): Promise<unknown> {
  return source.poll(AbortSignal.timeout(ms)).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Newest Good or Uncertain value by the OID it came from. */
export function byOrigin(sink: RecordingSink): Map<string, number> {
  const values = new Map<string, number>();
  for (const { series, value, quality } of sink.puts) if (!isBad(quality)) values.set(`${series.metric} ${series.origin}`, value);
  return values;
}
