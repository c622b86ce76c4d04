import type { IncidentService } from "../../core/incident-view.ts";
import { type LevelName, levelOf } from "../../core/level.ts";
import type { News, NewsKind, Notification } from "../../core/notifier.ts";

/** Services of one incident that a message names with their sentence. */
const maxServices = 10;

const marks: Readonly<Record<NewsKind, string>> = {
  opened: "New",
  updated: "Changed",
  repeated: "Still open",
  escalated: "Nobody has acknowledged",
  resolved: "Resolved",
};

interface Written {
  readonly id: string;
  readonly time: number;
  readonly news: readonly News[];
  /** Where people reach the pages, or empty. */
  readonly url: string;
  /** How people call an asset. */
  readonly nameOf: (asset: string) => string;
}

/** One message of these news. */
export function writeNotification({ id, time, news, url, nameOf }: Written): Notification {
  const text = news.map((one) => paragraph(one, nameOf)).join("\n\n");
  return { id, time, title: titleOf(news), text, level: worstOf(news), news, url };
}

function titleOf(news: readonly News[]): string {
  const [first] = news;
  if (first === undefined) return "";
  const { kind, incident } = first;
  if (news.length > 1) {
    const open = news.filter((one) => one.kind !== "resolved").length;
    const parts = [open > 0 ? `${open} open` : "", open < news.length ? `${news.length - open} resolved` : ""].filter(
      (part) => part !== "",
    );
    const level = worstOf(news);
    return `${level === "ok" ? "RESOLVED" : level.toUpperCase()}: ${news.length} incidents (${parts.join(", ")})`;
  }
  if (kind === "resolved") return `RESOLVED: ${incident.title}`;
  return `${incident.level.toUpperCase()}: ${incident.title}${kind === "opened" ? "" : ` (${marks[kind].toLowerCase()})`}`;
}

function paragraph({ kind, incident }: News, nameOf: Written["nameOf"]): string {
  const { services, causes, history, ack, opened, updated, resolved } = incident;
  // Not the newest line: it may be an acknowledgement, which came after what there is to tell.
  const change = history.findLast(({ time }) => time === updated)?.text ?? incident.title;
  const lines = [`${marks[kind]}: ${kind === "updated" ? change : incident.title}`];
  if (kind !== "resolved") lines.push(...services.slice(0, maxServices).map(serviceLine));
  if (services.length > maxServices) lines.push(`and ${services.length - maxServices} more services`);
  if (causes.length > 0)
    lines.push(
      `${kind === "resolved" ? "Was caused by" : "Caused by"}: ${causes.map((asset) => causeText(asset, nameOf(asset))).join(", ")}`,
    );
  if (incident.blind) lines.push("Nothing is known to be broken: no data");
  if (incident.planned) lines.push("Planned work");
  if (ack !== null) lines.push(`Acknowledged by ${ack.by}${ack.comment === "" ? "" : `: ${ack.comment}`}`);
  const end = resolved === null ? "" : `, resolved ${isoMinute(resolved)}`;
  lines.push(`Incident ${incident.id}, opened ${isoMinute(opened)}${end}`);
  return lines.join("\n");
}

/** `Filler 31 (filler-31)`: the name for people, the id to look it up. */
function causeText(asset: string, name: string): string {
  return name === asset ? asset : `${name} (${asset})`;
}

function serviceLine({ name, owner, level, why }: IncidentService): string {
  const whose = owner === "" ? "" : ` (${owner})`;
  return level === "ok" ? `- ${name}${whose} is ok again` : `- ${why}${whose}`;
}

/** Receivers may be anywhere: UTC, and said so. */
function isoMinute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function worstOf(news: readonly News[]): LevelName {
  return news.reduce<LevelName>((worst, { incident }) => (levelOf(incident.level) > levelOf(worst) ? incident.level : worst), "ok");
}
