import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AgentConfig, Config } from "../config/schema.ts";
import { Secret } from "../config/secret.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Answer, CollectorClient, trustOf } from "./client.ts";
import { Identity } from "./identity.ts";
import { ownAssets } from "./plan.ts";
import { type PolledOnce, pollOnce } from "./poll.ts";
import { askIfLetIn } from "./requests.ts";
import { settingsOf } from "./settings.ts";
import { markOf, reasonOf } from "./verdict.ts";

/** One thing that was looked at, and what was found. */
export interface Finding {
  readonly check: "secret" | "spool" | "collector" | "clock" | "device" | "devices";
  readonly outcome: "ok" | "problem";
  readonly says: string;
}

export interface CheckupOptions {
  readonly config: Config;
  /** Comes before the name in the config. */
  readonly name?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Longest time for one answer of the collector, or one round of a source, ms. */
  readonly timeoutMs: number;
}

/** A clock that is further off than this makes readings Uncertain at the collector (docs/delivery.md). */
const mostSkewMs = 2000;

/**
 * Everything that stands between an agent's devices and its collector, looked at once: may run beside the agent, changes nothing,
 * and the collector takes it for no sign of life. Never throws for what it finds.
 */
export async function checkUp(options: CheckupOptions): Promise<readonly Finding[]> {
  const settings = settingsOf(options);
  const [collector, devices] = await Promise.all([collectorFindings(settings, options), deviceFindings(settings, options)]);
  return [...secretFindings(options.config), spoolFinding(settings.spool), ...collector, ...devices];
}

const ok = (check: Finding["check"], says: string): Finding => ({ check, outcome: "ok", says });
const problem = (check: Finding["check"], says: string): Finding => ({ check, outcome: "problem", says });

function secretFindings(config: Config): Finding[] {
  const secrets = [...secretsIn(config, "")];
  const unreadable = secrets.flatMap(([path, secret]) => {
    try {
      secret.reveal();
      return [];
    } catch (error) {
      return [problem("secret", `${path}: ${messageOf(error)}`)];
    }
  });
  return unreadable.length > 0 || secrets.length === 0 ? unreadable : [ok("secret", `all ${secrets.length} can be read`)];
}

/** Every secret of a config with its path there. */
function* secretsIn(part: unknown, path: string): Generator<readonly [path: string, secret: Secret]> {
  if (part instanceof Secret) yield [path, part];
  else if (typeof part === "object" && part !== null)
    for (const [key, value] of Object.entries(part)) yield* secretsIn(value, path === "" ? key : `${path}.${key}`);
}

/** Whether the spool's folder can be written, or made, and how full it is. */
function spoolFinding({ dir, max_size }: AgentConfig["spool"]): Finding {
  try {
    accessSync(firstThatIs(dir), constants.R_OK | constants.W_OK | constants.X_OK);
    if (!existsSync(dir)) return ok("spool", `${dir} is not there yet, and can be made`);
    const segments = readdirSync(dir).filter((name) => name.endsWith(".seg"));
    const bytes = segments.reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0);
    const says = `${dir}: ${bytes} bytes of at most ${max_size} in ${segments.length} segments`;
    // The oldest segment is dropped from here on: docs/delivery.md.
    return bytes > 0.9 * max_size ? problem("spool", `${says}: nearly full, the oldest readings are dropped next`) : ok("spool", says);
  } catch (error) {
    return problem("spool", `${dir} cannot be written: ${messageOf(error)}`);
  }
}

function firstThatIs(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : firstThatIs(dirname(folder));
}

/** Whether the collector lets this agent in, and how far apart their clocks are. */
async function collectorFindings(settings: AgentConfig, { clock, timeoutMs }: CheckupOptions): Promise<Finding[]> {
  const { collector, name: agent } = settings;
  let client: CollectorClient | undefined;
  try {
    const key = new Identity(settings.key).key();
    client = new CollectorClient({ collector, clock, key: () => key, timeoutMs, ...trustOf(settings) });
    const sentAt = clock.now();
    const answer = await client.ask(askIfLetIn({ agent, clock }), AbortSignal.timeout(timeoutMs));
    return answerFindings(answer, { whom: `${collector}, as agent ${agent}${key === undefined ? " without a key" : ""}`, sentAt, clock });
  } catch (error) {
    return [problem("collector", `${collector}: ${messageOf(error)}`)];
  } finally {
    client?.close();
  }
}

function answerFindings(answer: Answer, { whom, sentAt, clock }: { whom: string; sentAt: number; clock: Clock }): Finding[] {
  const mark = markOf(answer);
  if (mark === undefined) return [problem("collector", `${whom}: ${reasonOf(answer)}`)];
  const heard = ok("collector", `${whom}: lets us in`);
  if (mark.timeMs === undefined) return [heard];
  const skewMs = Math.round((sentAt + clock.now()) / 2 - mark.timeMs);
  const says = `${skewMs} ms ahead of the collector's`;
  return [heard, Math.abs(skewMs) > mostSkewMs ? problem("clock", `${says}: readings become Uncertain`) : ok("clock", says)];
}

/** One round of every source of the agent. */
async function deviceFindings(settings: AgentConfig, { config, clock, log, timeoutMs }: CheckupOptions): Promise<Finding[]> {
  const polled: PolledOnce[] = [];
  const assets = ownAssets(config, settings.name);
  await pollOnce({ config, assets, log, clock, timeoutMs }, (one) => void polled.push(one));
  const failed = polled.filter(({ failure }) => failure !== "");
  const answering = `${polled.length - failed.length} of ${polled.length} sources answer`;
  return [
    ...failed.map(({ asset, protocol, failure }) => problem("device", `${asset} ${protocol}: ${failure}`)),
    failed.length === 0 ? ok("devices", answering) : problem("devices", answering),
  ];
}
