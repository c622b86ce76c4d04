import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { didYouMean } from "../config/suggest.ts";
import { systemClock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { IncidentView } from "../core/incident-view.ts";
import type { Notification } from "../core/notifier.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { registerChannels } from "./notify-channels.ts";

/** How long a channel may take. */
const deadlineMs = 15_000;

/** `millwright notify test|status|retry`. */
export function registerNotify(program: Command, io: Io): void {
  const notify = program.command("notify").description("ways in which people are told of incidents");
  notify
    .command("test")
    .description("send a test message to a channel now; needs no running collector")
    .argument("<channel>", "id of a channel in config")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .action((channel: string, options: { config: string }) => testChannel(io, channel, options.config));
  registerChannels(notify, io);
}

async function testChannel(io: Io, id: string, path: string): Promise<void> {
  const { loadConfig } = await import("../config/load.ts");
  const { createNotifier } = await import("../adapters/notifiers/list.ts");
  const { notify, brokers } = loadConfig(path);
  const channel = Object.hasOwn(notify.channels, id) ? notify.channels[id] : undefined;
  if (channel === undefined)
    throw new Exit(exits.usage, `there is no channel ${JSON.stringify(id)}${didYouMean(id, Object.keys(notify.channels))}`);
  const clock = systemClock();
  const message = testMessage(clock.now(), notify.url ?? "");
  try {
    const notifier = await createNotifier(channel, { brokers, clock });
    await notifier.send(message, AbortSignal.timeout(deadlineMs));
    await notifier.close();
  } catch (error) {
    throw new Exit(exits.problems, `channel ${id}: ${messageOf(error)}`, { cause: error });
  }
  io.stdout.write(`channel ${id} took the test message ${message.id}\n`);
}

/** News of an incident that never was: already resolved, so that no receiver keeps it open. */
function testMessage(now: number, url: string): Notification {
  const id = `test-${randomUUID()}`;
  const title = "Millwright test message: nothing is wrong";
  const incident: IncidentView = {
    id,
    title,
    state: "resolved",
    level: "ok",
    worst: "warning",
    planned: false,
    blind: false,
    opened: now - 1000,
    updated: now,
    resolved: now,
    causes: [],
    services: [],
    ack: null,
    history: [{ time: now, text: title }],
  };
  const text = "Somebody ran `millwright notify test`. Incidents come in this way.";
  return { id, time: now, title, text, level: "ok", news: [{ kind: "resolved", incident, was: "warning" }], url };
}
