import { SourceError } from "../../../core/errors.ts";
import type { Labels } from "../../../core/reading.ts";

/** Longest label value that is taken from a topic, UTF-16 units. */
const maxLabelLength = 256;

/** What a topic says under a pattern: its labels, or why it cannot be used. */
export type TopicMatch = { readonly labels: Labels } | { readonly fault: string };

/** A pattern of the config, such as `plant/air/{sensor}`. */
export interface TopicPattern {
  readonly text: string;
  /** What is subscribed to: `plant/air/+`. */
  readonly filter: string;
  readonly labelNames: readonly string[];
  /** True when one topic alone fits. */
  readonly concrete: boolean;
  /** Undefined where the topic does not fit. */
  match(topic: string): TopicMatch | undefined;
}

type Level =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "one" }
  | { readonly kind: "rest" };

/**
 * Reads a pattern: levels of text, `{name}` (one level, kept as a label), `+` and a trailing `#` (MQTT 3.1.1 §4.7).
 * Throws SourceError (config).
 */
export function parseTopic(text: string): TopicPattern {
  const refuse = (why: string): never => {
    throw new SourceError("config", `topic ${JSON.stringify(text)}: ${why}`);
  };
  if (text === "" || Buffer.byteLength(text) > 65_535) refuse("a topic is 1 to 65535 bytes of UTF-8");
  if (text.includes("\u0000")) refuse("a topic has no NUL (MQTT-4.7.3-2)");
  if (text.startsWith("$share/")) refuse("a shared subscription would give each agent a part of the messages");
  const parts = text.split("/");
  const levels = parts.map((part, i) => level(part, i === parts.length - 1, refuse));
  const labelNames = levels.flatMap((l) => (l.kind === "label" ? [l.name] : []));
  const twice = labelNames.find((name, i) => labelNames.indexOf(name) !== i);
  if (twice !== undefined) refuse(`the label {${twice}} is there twice`);
  return {
    text,
    filter: levels.map(filterLevel).join("/"),
    labelNames,
    concrete: levels.every((l) => l.kind === "text"),
    match: (topic) => matchLevels(levels, topic),
  };
}

function level(part: string, last: boolean, refuse: (why: string) => never): Level {
  if (part === "+") return { kind: "one" };
  if (part === "#") return last ? { kind: "rest" } : refuse("# stands only at the end");
  const label = /^\{([a-zA-Z_][a-zA-Z0-9_]*)\}$/.exec(part);
  if (label !== null) return { kind: "label", name: label[1] ?? "" };
  if (/[{}]/.test(part)) return refuse(`${JSON.stringify(part)}: a {label} is a whole level, of letters, digits and '_'`);
  if (/[+#]/.test(part)) return refuse(`${JSON.stringify(part)}: + and # are whole levels`);
  return { kind: "text", text: part };
}

function filterLevel(l: Level): string {
  if (l.kind === "text") return l.text;
  return l.kind === "rest" ? "#" : "+";
}

function matchLevels(levels: readonly Level[], topic: string): TopicMatch | undefined {
  // Topics of the broker's own ($SYS) are not meant by a wildcard (MQTT-4.7.2-1).
  if (topic.startsWith("$") && levels[0]?.kind !== "text") return undefined;
  const parts = topic.split("/");
  const labels: Record<string, string> = {};
  let fault: string | undefined;
  for (const [i, l] of levels.entries()) {
    if (l.kind === "rest") return fault === undefined ? { labels } : { fault };
    const part = parts[i];
    if (part === undefined || (l.kind === "text" && l.text !== part)) return undefined;
    if (l.kind !== "label") continue;
    fault ??= labelFault(l.name, part);
    Object.defineProperty(labels, l.name, { value: part, enumerable: true, configurable: true, writable: true });
  }
  if (parts.length !== levels.length) return undefined;
  return fault === undefined ? { labels } : { fault };
}

function labelFault(name: string, value: string): string | undefined {
  if (value === "") return `the level for {${name}} is empty`;
  if (value.includes("\u0000")) return `the level for {${name}} has a NUL`;
  if (value.length > maxLabelLength) return `the level for {${name}} has ${value.length} characters, at most ${maxLabelLength} are taken`;
  return undefined;
}
