import type { Command } from "commander";
import type { ChannelView } from "../core/channel-view.ts";
import { readCollector, type Where, withCollector } from "./ask.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { type Column, type Format, formatOption, printRows } from "./output.ts";

/** `millwright notify status|retry`: asks a running collector. */
export function registerChannels(notify: Command, io: Io): void {
  withCollector(notify.command("status"))
    .description("how each channel stands: asks a collector; exit code 1 where messages wait after an error, or were given up")
    .addOption(formatOption())
    .action((options: Where & { format: Format }) => printStatus(io, options));
  withCollector(notify.command("retry"))
    .description("send messages that a channel gave up again: asks a collector")
    .argument("<channel>", "id of the channel")
    .argument("[message]", "id of one message; all of them without it")
    .action((channel: string, message: string | undefined, options: Where) => retry(io, { channel, message, ...options }));
}

async function printStatus(io: Io, { url, token, format }: Where & { format: Format }): Promise<void> {
  const { channels } = await readCollector<{ channels: readonly ChannelView[] }>({ url, token, path: "/api/v1/notify/channels" });
  printRows(io, { format, columns, rows: channels });
  const dead = channels.flatMap(({ id, dead_letters: letters }) => letters.map((letter) => ({ channel: id, ...letter })));
  if (format === "table" && dead.length > 0) {
    io.stdout.write("\n");
    printRows(io, { format, columns: deadColumns, rows: dead });
  }
  if (channels.some(isTroubled)) throw new Exit(exits.problems);
}

function isTroubled({ waiting, last_error: error, last_success: success, dead_letters: dead }: ChannelView): boolean {
  return dead.length > 0 || (waiting > 0 && error !== null && error.time > (success ?? 0));
}

const columns: readonly Column<ChannelView>[] = [
  { title: "channel", value: ({ id }) => id },
  { title: "waiting", value: ({ waiting }) => waiting },
  { title: "oldest", value: ({ oldest }) => timeText(oldest) },
  { title: "sent", value: ({ sent }) => sent },
  { title: "last success", value: ({ last_success: time }) => timeText(time) },
  { title: "given up", value: ({ dead_letters: dead }) => dead.length },
  { title: "last error", value: ({ last_error: error }) => (error === null ? "" : `${timeText(error.time)} ${error.reason}`) },
];

type Dead = ChannelView["dead_letters"][number] & { readonly channel: string };
const deadColumns: readonly Column<Dead>[] = [
  { title: "given up", value: ({ given_up_at: time }) => timeText(time) },
  { title: "channel", value: ({ channel }) => channel },
  { title: "message", value: ({ id }) => id },
  { title: "incidents", value: ({ incidents }) => incidents.join(" ") },
  { title: "reason", value: ({ reason }) => reason },
];

function timeText(time: number | null): string {
  return time === null ? "" : new Date(time).toISOString().slice(0, 19).concat("Z");
}

async function retry(io: Io, { url, token, channel, message }: Where & { channel: string; message: string | undefined }): Promise<void> {
  const path = `/api/v1/notify/channels/${encodeURIComponent(channel)}/retry`;
  const body = message === undefined ? {} : { id: message };
  const { retried } = await readCollector<{ retried: number }>({ url, token, path, body });
  io.stdout.write(`channel ${channel}: ${retried} ${retried === 1 ? "message is" : "messages are"} sent again\n`);
}
