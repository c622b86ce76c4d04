import type { Command } from "commander";
import { Option } from "commander";
import { askCollector, type Where, withCollector } from "./ask.ts";
import type { Io } from "./io.ts";

interface ReportOptions extends Where {
  readonly month?: string;
  readonly days?: string;
  readonly service?: string;
  readonly by: string;
  readonly zone?: string;
  readonly format: string;
}

/** `millwright report`: availability of services over a month or days, as a running collector knows it. */
export function registerReport(program: Command, io: Io): void {
  withCollector(program.command("report"))
    .description("availability of services over a month or days: asks a collector; HTML that prints, CSV or JSON, to stdout")
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

async function printReport(io: Io, options: ReportOptions): Promise<void> {
  const { url, token, month, days, service, by, zone, format } = options;
  const query = { period: month ?? days ?? "month", service, by, zone, format };
  const text = await askCollector({ url, token, path: "/api/v1/reports/availability", query });
  io.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}
