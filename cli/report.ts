import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { codeOf, messageOf } from "../core/errors.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";

interface ReportOptions {
  readonly url: string;
  readonly month?: string;
  readonly days?: string;
  readonly service?: string;
  readonly by: string;
  readonly zone?: string;
  readonly format: string;
}

/** `millwright report`: availability of services over a month or days, as a running collector knows it. */
export function registerReport(program: Command, io: Io): void {
  program
    .command("report")
    .description("availability of services over a month or days: asks a collector; HTML that prints, CSV or JSON, to stdout")
    .addOption(new Option("--url <url>", "the collector").default("http://127.0.0.1:8460").argParser(httpUrl))
    .addOption(new Option("--month <YYYY-MM>", "the month; the one that runs without it").conflicts("days"))
    .option("--days <day..day>", "days instead of a month, such as 2026-11-02 or 2026-11-02..2026-11-08")
    .option("--service <id>", "one service; all without it")
    .addOption(
      new Option("--by <part>", "a line for each service, or for each shift of it").choices(["service", "shift"]).default("service"),
    )
    .option("--zone <zone>", "time zone of the days of services without a calendar (default: UTC)")
    .addOption(new Option("--format <format>", "how to print").choices(["html", "csv", "json"]).default("html"))
    .action((options: ReportOptions) => printReport(io, options));
}

function httpUrl(value: string): string {
  if (URL.canParse(value) && /^https?:/i.test(value)) return value;
  throw new InvalidArgumentError(`${JSON.stringify(value)} is not an http:// or https:// URL`);
}

async function printReport(io: Io, options: ReportOptions): Promise<void> {
  const target = new URL("/api/v1/reports/availability", options.url);
  const { month, days, service, by, zone, format } = options;
  const query = { period: month ?? days ?? "month", service, by, zone, format };
  for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
  const response = await fetch(target, { signal: AbortSignal.timeout(60_000) }).catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    throw new Exit(exits.problems, `${options.url}: ${codeOf(cause) ?? messageOf(error)}: is the collector running?`, { cause: error });
  });
  const text = await response.text();
  if (!response.ok)
    throw new Exit(response.status < 500 ? exits.usage : exits.problems, `${options.url} answers ${response.status}: ${reasonOf(text)}`);
  io.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

interface Refusal {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly name?: string; readonly found?: unknown; readonly expected?: string }[];
}

/** What an RFC 9457 problem says, in one line. */
function reasonOf(text: string): string {
  try {
    const { detail, title, errors = [] } = JSON.parse(text) as Refusal;
    const faults = errors.map(({ name, found, expected }) => `${name ?? ""} ${JSON.stringify(found)}: expected ${expected ?? ""}`);
    return faults.length > 0 ? faults.join("; ") : (detail ?? title ?? "");
  } catch {
    return text.slice(0, 200);
  }
}
