import type { OutageView, PeriodView } from "../../core/service-level.ts";

/** Colours of the strip: red is for what nobody had planned. */
const colours: Readonly<Record<OutageView["kind"], string>> = { down: "#a4161a", planned: "#7a8b9c", unknown: "#c9ced4" };
const width = 1000;
/** An outage of a minute is seen in a month, too. */
const least = 2;

/** The period from left to right with its outages, as SVG. */
export function outageStrip({ from, to, outages }: Pick<PeriodView, "from" | "to" | "outages">): string {
  const scale = width / Math.max(1, to - from);
  // Short ones last, so that they are not below others.
  const drawn = [...outages].sort((a, b) => b.to - b.from - (a.to - a.from));
  const bars = drawn.map((outage) => {
    const wide = Math.max(least, (outage.to - outage.from) * scale);
    const x = Math.min(width - wide, (outage.from - from) * scale);
    return `<rect x="${x.toFixed(2)}" width="${wide.toFixed(2)}" height="14" fill="${colours[outage.kind]}"/>`;
  });
  return `<svg class="strip" viewBox="0 0 ${width} 14" preserveAspectRatio="none" role="img" aria-label="Outages over the period"><rect width="${width}" height="14" fill="#eef0f2"/>${bars.join("")}</svg>
`;
}

/** What the colours mean. */
export function stripKey(): string {
  const words: readonly (readonly [OutageView["kind"], string])[] = [
    ["down", "down"],
    ["planned", "planned work"],
    ["unknown", "unknown"],
  ];
  return words
    .map(
      ([kind, word]) =>
        `<svg class="key" aria-hidden="true" viewBox="0 0 9 9"><rect width="9" height="9" fill="${colours[kind]}"/></svg>${word}`,
    )
    .join("");
}
