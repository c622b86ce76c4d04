import { userInfo } from "node:os";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Audit } from "../collector/door/audit.ts";
import type { EnrolledAgents } from "../collector/door/enrolled.ts";
import { type Right, type Role, rightsOf, roles } from "../collector/door/rights.ts";
import { type Tokens, tokenRights } from "../collector/door/tokens.ts";
import type { Config } from "../config/schema.ts";
import { formatDuration, idPattern } from "../config/values.ts";
import { systemClock } from "../core/clock.ts";
import { durationReader } from "./duration.ts";
import { enrolCommand } from "./enrol-command.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { type Format, formatOption, printRows } from "./output.ts";

interface CreateOptions {
  readonly config: string;
  readonly role: Role | "agent";
  readonly scope?: readonly Right[];
  readonly name?: string;
  readonly agent?: string;
  readonly assets?: readonly string[];
  readonly ttl?: number;
}

interface RevokeOptions {
  readonly config: string;
  readonly agent?: string;
}

const joinTtlMs = 3_600_000;
const apiTtlMs = 90 * 86_400_000;
const longestTtlMs = { join: 24 * 3_600_000, api: 2 * 365 * 86_400_000 };
const configOption = ["--config <path>", "the collector's YAML file, or folder of *.yaml"] as const;

/** `millwright token create|list|revoke`: run where the collector runs; it counts at once. */
export function registerToken(program: Command, io: Io): void {
  const token = program.command("token").description("join tokens of agents, and tokens for the API; run on the collector's machine");
  token
    .command("create")
    .description("print a new token, once; what is kept is its hash")
    .requiredOption(...configOption)
    .addOption(
      new Option("--role <role>", "agent: a join token for `millwright enrol`; else what programs may do")
        .choices([...roles, "agent"])
        .makeOptionMandatory(),
    )
    .addOption(new Option("--scope <right...>", "these rights only, instead of all that the role has").choices(tokenRights))
    .option("--name <text>", "what it is for, as `token list` shows it")
    .option("--agent <name>", "join token: for an agent of this name only", agentName)
    .option(
      "--assets <pattern...>",
      "join token: assets that the agent may speak for, * stands for any text (default: what the config gives to no other agent)",
    )
    .option("--ttl <duration>", "how long it is good (default: 1h to join, 90d for the API)", durationReader("1h or 90d"))
    .action((options: CreateOptions) => create(io, options));
  token
    .command("list")
    .description("tokens and agents that are let in")
    .requiredOption(...configOption)
    .addOption(formatOption())
    .action((options: { config: string; format: Format }) => list(io, options));
  token
    .command("revoke")
    .description("take back a token, or the enrolment of an agent")
    .argument("[id]", "id of a token")
    .requiredOption(...configOption)
    .option("--agent <name>", "the agent that is let in no more", agentName)
    .action((id: string | undefined, options: RevokeOptions) => revoke(io, id, options));
}

function agentName(text: string): string {
  if (text.length <= 128 && idPattern.test(text)) return text;
  throw new InvalidArgumentError("expected an agent's name: letters, digits, '.', '_', '-' and ':'");
}

interface Keyring {
  readonly config: Config;
  readonly tokens: Tokens;
  readonly enrolled: EnrolledAgents;
  readonly audit: Audit;
  readonly now: number;
}

/** The collector's records: the same files that it reads itself. */
async function openKeyring(io: Io, path: string): Promise<Keyring> {
  const [{ loadConfig }, { collector }, { Tokens }, { EnrolledAgents }, { Audit }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/schema.ts"),
    import("../collector/door/tokens.ts"),
    import("../collector/door/enrolled.ts"),
    import("../collector/door/audit.ts"),
  ]);
  const config = loadConfig(path);
  const dir = resolve(config.directory, (config.collector ?? collector.parse({})).store.duckdb.dir);
  const clock = systemClock();
  const audit = new Audit({ dir, clock, log: createLog(io, "warn") });
  return { config, tokens: new Tokens(dir), enrolled: new EnrolledAgents(dir), audit, now: clock.now() };
}

async function create(io: Io, options: CreateOptions): Promise<void> {
  const kind = options.role === "agent" ? "join" : "api";
  const ttlMs = options.ttl ?? (kind === "join" ? joinTtlMs : apiTtlMs);
  if (ttlMs > longestTtlMs[kind])
    throw new Exit(exits.usage, `token create: --ttl is at most ${formatDuration(longestTtlMs[kind])} for this role`);
  const { config, tokens, audit, now } = await openKeyring(io, options.config);
  const { id, token } = tokens.create({ kind, name: options.name ?? "", ttlMs, now, ...worth(options) });
  audit.write({ who: shellUser(), from: "", act: `create ${kind} token`, target: id, outcome: "done", detail: options.name ?? "" });
  io.stdout.write(`${token}\n`);
  io.stderr.write(`good for ${formatDuration(ttlMs)}${kind === "join" ? ", for one agent" : ""}; it is not shown again\n`);
  if (kind === "join") io.stderr.write(`on the agent's machine: ${enrolCommand(config)}\n`);
}

/** What a token is good for. */
function worth({ role, scope, agent, assets }: CreateOptions): { rights?: Right[]; agent?: string; assets?: string[] } {
  if (role === "agent") {
    if (scope !== undefined) throw new Exit(exits.usage, "token create: --scope is for API tokens");
    return { ...(agent === undefined ? {} : { agent }), ...(assets === undefined ? {} : { assets: [...assets] }) };
  }
  if (agent !== undefined || assets !== undefined) throw new Exit(exits.usage, "token create: --agent and --assets are for --role agent");
  const missing = scope?.find((right) => !rightsOf[role].includes(right));
  if (missing !== undefined) throw new Exit(exits.usage, `token create: the role ${role} has no right ${missing}`);
  return { rights: [...(scope ?? rightsOf[role])] };
}

async function list(io: Io, { config, format }: { config: string; format: Format }): Promise<void> {
  const { tokens, enrolled, now } = await openKeyring(io, config);
  const day = (ms: number): string => new Date(ms).toISOString();
  const ofTokens = tokens.list().map(({ id, record }) => ({
    kind: record.kind,
    id,
    name: record.name,
    rights: record.kind === "join" ? `join ${record.agent ?? "any agent"}` : record.rights.join(" "),
    since: day(record.created),
    until: record.expires <= now ? "expired" : day(record.expires),
  }));
  const ofAgents = enrolled.names().flatMap((name) => {
    const record = enrolled.get(name);
    if (record === undefined) return [];
    const rights = record.assets === undefined ? "its assets" : record.assets.join(" ");
    return [{ kind: "agent", id: name, name: record.key, rights, since: day(record.rotated ?? record.enrolled), until: "revoked" }];
  });
  type Row = (typeof ofTokens)[number] | (typeof ofAgents)[number];
  const column = (title: keyof Row) => ({ title, value: (row: Row) => row[title] });
  const columns = (["kind", "id", "name", "rights", "since", "until"] as const).map(column);
  printRows(io, { format, columns, rows: [...ofTokens, ...ofAgents] });
}

async function revoke(io: Io, id: string | undefined, { config, agent }: RevokeOptions): Promise<void> {
  if ((id === undefined) === (agent === undefined))
    throw new Exit(exits.usage, "token revoke needs the id of a token, or --agent, and not both");
  const { tokens, enrolled, audit } = await openKeyring(io, config);
  const target = id ?? agent ?? "";
  const done = id === undefined ? enrolled.revoke(target) : tokens.revoke(target);
  if (!done) throw new Exit(exits.problems, `there is no ${id === undefined ? "agent" : "token"} ${JSON.stringify(target)}`);
  audit.write({ who: shellUser(), from: "", act: id === undefined ? "revoke agent" : "revoke token", target, outcome: "done" });
  io.stdout.write(`${id === undefined ? "agent" : "token"} ${target} is let in no more\n`);
}

function shellUser(): string {
  return `shell ${userInfo().username}`;
}
