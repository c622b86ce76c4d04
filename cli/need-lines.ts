import type { NeedView } from "../core/service-view.ts";

/** Device and config text may hold what moves a terminal's cursor: shown escaped. */
export function plainText(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** A tree of needs as indented lines, with the level before each and the reason behind it where levels are wanted. */
export function needLines(needs: readonly NeedView[], show: { levels: boolean }, indent = "  "): string {
  return needs
    .map((need) => {
      const level = show.levels ? `${levelText(need)} ` : "";
      const why = show.levels && need.why !== "" ? ` - ${plainText(need.why)}` : "";
      return `${indent}${level}${nameText(need)}${why}\n${needLines(need.children, show, `${indent}  `)}`;
    })
    .join("");
}

function levelText({ level, low, high }: NeedView): string {
  return level === "unknown" ? `[unknown: ${low}..${high}]` : `[${level}]`;
}

/** `asset filler-31 (Filler 31)`: as it stands in config, with its name for people. */
function nameText({ kind, id, text }: NeedView): string {
  if (kind !== "asset" && kind !== "service") return plainText(text);
  return `${kind} ${id}${text === id ? "" : ` (${plainText(text)})`}`;
}
