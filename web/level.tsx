import type { JSX } from "preact";
import type { ShownLevel } from "../core/asset-view.ts";
import type { LevelName } from "../core/level.ts";
import { levelText } from "./order.ts";

/** A shape of its own for each level, so that colour is never the only sign: ring, triangle, diamond, octagon, broken ring. */
const shapes: Readonly<Record<ShownLevel, JSX.Element>> = {
  ok: <circle cx="8" cy="8" r="5.5" class="hollow" />,
  warning: (
    <>
      <path d="M8 1.2 15.4 14.4H.6Z" />
      <path d="M8 5.8v4M8 11.4v1.4" class="cut" />
    </>
  ),
  major: (
    <>
      <path d="M8 .6 15.4 8 8 15.4.6 8Z" />
      <path d="M8 4.4v4.4M8 10.4v1.6" class="cut" />
    </>
  ),
  critical: (
    <>
      <path d="M4.9.8h6.2l4.1 4.1v6.2l-4.1 4.1H4.9L.8 11.1V4.9Z" />
      <path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" class="cut" />
    </>
  ),
  unknown: (
    <>
      <circle cx="8" cy="8" r="6" class="hollow broken" />
      <circle cx="8" cy="8" r="1.4" />
    </>
  ),
};

/** The shape alone; say the level in text beside it. */
export function LevelMark({ level }: { readonly level: ShownLevel }): JSX.Element {
  return (
    <svg class={`mark level-${level}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {shapes[level]}
    </svg>
  );
}

/** Shape and word: `◆ Major`; for an unknown level also between which it lies. */
export function LevelBadge({
  level,
  low,
  high,
}: {
  readonly level: ShownLevel;
  readonly low?: LevelName;
  readonly high?: LevelName;
}): JSX.Element {
  const between = level === "unknown" && low !== undefined && high !== undefined ? `, between ${low} and ${high}` : "";
  return (
    <span class={`badge text-${level}`}>
      <LevelMark level={level} />
      <span>
        {levelText[level]}
        {between}
      </span>
    </span>
  );
}

const colours: Readonly<Record<ShownLevel, string>> = {
  ok: "%23808890",
  warning: "%23e0a100",
  major: "%23e0680a",
  critical: "%23d0142f",
  unknown: "%237a76c4",
};
const outlines: Readonly<Record<ShownLevel, string>> = {
  ok: "<circle cx='8' cy='8' r='5' fill='none' stroke='C' stroke-width='2.5'/>",
  warning: "<path fill='C' d='M8 1 15.5 14.5H.5Z'/>",
  major: "<path fill='C' d='M8 .5 15.5 8 8 15.5.5 8Z'/>",
  critical: "<path fill='C' d='M4.9.5h6.2l4.4 4.4v6.2l-4.4 4.4H4.9L.5 11.1V4.9Z'/>",
  unknown: "<circle cx='8' cy='8' r='6' fill='none' stroke='C' stroke-width='2.5' stroke-dasharray='4 2.5'/>",
};

/** The worst level as the tab's icon: seen from another tab. */
export function showFavicon(level: ShownLevel): void {
  const svg = outlines[level].replaceAll("C", colours[level]);
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (icon !== null) icon.href = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>${svg}</svg>`;
}
