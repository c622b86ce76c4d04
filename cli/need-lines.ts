import type { NeedView } from "../core/service-view.ts";
import { printable } from "./output.ts";

/** A tree of needs as indented lines, with the level before each and the reason behind it where levels are wanted. */
export function needLines(needs: readonly NeedView[], show: { levels: boolean }, indent = "  "): string {
  return needs
    .map((need) => {
      const level = show.levels ? `${levelText(need)} ` : "";
      const why = show.levels && need.why !== "" ? ` - ${printable(need.why)}` : "";
      return `${indent}${level}${nameText(need)}${why}\n${needLines(need.children, show, `${indent}  `)}`;
    })
    .join("");
}

function levelText({ level, low, high }: NeedView): string {
  return level === "unknown" ? `[unknown: ${low}..${high}]` : `[${level}]`;
}

/** `asset filler-31 (Filler 31)`: as it stands in config, with its name for people. */
function nameText({ kind, id, text }: NeedView): string {
  if (kind !== "asset" && kind !== "service") return printable(text);
  return `${kind} ${id}${text === id ? "" : ` (${printable(text)})`}`;
}
