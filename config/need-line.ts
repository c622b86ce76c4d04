import { parseParts, partsText } from "./need-parts.ts";
import { quote } from "./quote.ts";
import { parseSelector, selectorText } from "./selector.ts";
import type { Comparison, Need, Quorum } from "./services.ts";
import { formatDuration, idPattern, parseDuration } from "./values.ts";

const quorumPattern = /^(?:(\d+)|(\d+(?:\.\d+)?)%|(all)|(any))$/;

/** `2`, `60%`, `all`, `any`; undefined where it is none of them. */
export function parseQuorum(text: string): Quorum | undefined {
  const match = quorumPattern.exec(text.trim());
  if (match === null) return undefined;
  if (match[1] !== undefined) return Number(match[1]) > 0 ? { count: Number(match[1]) } : undefined;
  if (match[3] !== undefined) return { percent: 100 };
  if (match[4] !== undefined) return { count: 1 };
  const percent = Number(match[2]);
  return percent > 0 && percent <= 100 ? { percent } : undefined;
}

export const quorumText = (quorum: Quorum): string => ("count" in quorum ? `${quorum.count}` : `${quorum.percent}%`);

const needForms =
  'expected "service ID", "asset ID", "N of {label=value}", "N% of {label=value}", "N of service ID, asset ID" or "ASSET METRIC >= NUMBER [for 30s] [clear NUMBER]"';
const metricLine = /^(\S+)\s+([a-z][a-z0-9_]*)(\{[^}]*\})?\s*(>=|<=|>|<)\s*([-+0-9.eE]+)(?:\s+for\s+(\S+))?(?:\s+clear\s+([-+0-9.eE]+))?$/;

/** Reads one line of `needs`; the text says what is wrong where it cannot be read. */
export function parseNeed(line: string): Need | string {
  const text = line.trim();
  const named = /^(service|asset)\s+(\S+)$/.exec(text);
  if (named !== null) {
    const name = named[2] ?? "";
    if (!idPattern.test(name)) return `${quote(name)} is not an id`;
    return named[1] === "service"
      ? { kind: "service", service: name, worst: "critical" }
      : { kind: "asset", asset: name, worst: "critical" };
  }
  const members = /^(\S+)\s+of\s+(\{.*\})$/s.exec(text);
  if (members !== null) {
    const quorum = parseQuorum(members[1] ?? "");
    const selector = parseSelector(members[2] ?? "");
    if (quorum === undefined) return `${quote(members[1])} is not a number, a percentage, all or any`;
    if (selector === undefined) return `${quote(members[2])} is not a selector such as {type=filler,line=3}`;
    return { kind: "members", members: selector, quorum, minMembers: 1, worst: "critical" };
  }
  const parts = /^(\S+)\s+of\s+(.*)$/s.exec(text);
  if (parts !== null && !metricLine.test(text)) return parsePartsNeed(parts[1] ?? "", parts[2] ?? "");
  return parseMetricNeed(text);
}

function parsePartsNeed(count: string, list: string): Need | string {
  const quorum = parseQuorum(count);
  const parts = parseParts(list);
  if (quorum === undefined) return `${quote(count)} is not a number, a percentage, all or any`;
  return typeof parts === "string" ? parts : { kind: "parts", parts, quorum, worst: "critical" };
}

function parseMetricNeed(text: string): Need | string {
  const match = metricLine.exec(text);
  if (match === null) return `${quote(text)} is not a need: ${needForms}`;
  const [, asset = "", metric = "", where, comparison, value, forText, clearText] = match;
  const selector = where === undefined ? { labels: {} } : parseSelector(where);
  if (selector === undefined) return `${quote(where)} is not a list of labels such as {sensor=main}`;
  const forMs = forText === undefined ? 0 : parseDuration(forText);
  if (forMs === undefined) return `${quote(forText)} is not a duration such as 30s`;
  const limit = Number(value);
  const clear = clearText === undefined ? undefined : Number(clearText);
  if (!Number.isFinite(limit) || !Number.isFinite(clear ?? 0)) return `${quote(text)}: a limit is not a number`;
  const rising = comparison === ">=" || comparison === ">";
  if (clear !== undefined && (rising ? clear < limit : clear > limit))
    return `clear ${clear} would end the alarm while ${metric} is still ${rising ? "below" : "above"} ${limit}`;
  return {
    kind: "metric",
    asset,
    metric,
    where: selector.labels,
    comparison: comparison as Comparison,
    value: limit,
    forMs,
    ...(clear === undefined ? {} : { clear }),
    worst: "critical",
  };
}

/** A need as one line, as parseNeed reads it; undefined where only the long form can say it. */
export function needLine(need: Need): string | undefined {
  if (need.worst !== "critical") return undefined;
  if (need.kind === "asset") return `asset ${need.asset}`;
  if (need.kind === "service") return `service ${need.service}`;
  if (need.kind === "metric") return metricNeedLine(need);
  if (need.kind === "sum" || need.degradedBelow !== undefined) return undefined;
  if (need.kind === "parts") {
    const parts = partsText(need.parts);
    return parts === undefined ? undefined : `${quorumText(need.quorum)} of ${parts}`;
  }
  if (need.minMembers !== 1) return undefined;
  return `${quorumText(need.quorum)} of ${selectorText(need.members)}`;
}

function metricNeedLine(need: Extract<Need, { kind: "metric" }>): string {
  const where = Object.keys(need.where).length === 0 ? "" : selectorText({ labels: need.where });
  const delay = need.forMs === 0 ? "" : ` for ${formatDuration(need.forMs)}`;
  const clear = need.clear === undefined ? "" : ` clear ${need.clear}`;
  return `${need.asset} ${need.metric}${where} ${need.comparison} ${need.value}${delay}${clear}`;
}
