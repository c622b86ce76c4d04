/** What there is at one moment of a sequence. */
export type Step =
  | { readonly kind: "value"; readonly value: number }
  /** Name of a state or a level. */
  | { readonly kind: "word"; readonly word: string }
  /** A reading without a value. */
  | { readonly kind: "bad" }
  /** No reading. */
  | { readonly kind: "none" };

/** Most moments of a sequence: a week by the second. */
const mostSteps = 604_800;

/** Value and rise, or `_`, or a word; and how often. */
const token = /^(?:([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([-+]\d+\.?\d*(?:e[-+]?\d+)?)?|(_)|([a-z][\w.-]*?))(?:x(\d+))?$/i;

/**
 * Reads `60 70x5 80+1x10 _ bad up`: what promtool's series take (`70x5` is 70 and five times more, `80+1x10` rises by 1 ten
 * times, `_` is no reading), `bad`, and names of states. The text says what is wrong where it cannot be read.
 */
export function parseSequence(text: string): readonly Step[] | string {
  const steps: Step[] = [];
  for (const part of text.split(/\s+/).filter((one) => one !== "")) {
    const match = token.exec(part);
    if (match === null) return `${JSON.stringify(part)} is not a value such as 60, 60x5, 60+1x5, _, bad or the name of a state`;
    const [, value, rise, none, word, times = "0"] = match;
    if (rise !== undefined && match[5] === undefined) return `${JSON.stringify(part)} rises how often? Such as ${part}x5`;
    // `_x4` is four times nothing, `70x4` is 70 and four more: as promtool has it.
    const count = none !== undefined && match[5] !== undefined ? Number(times) : Number(times) + 1;
    if (steps.length + count > mostSteps) return `has more than ${mostSteps} values`;
    for (let i = 0; i < count; i++) steps.push(stepOf({ value, rise, word, i }));
  }
  return steps;
}

function stepOf(at: { value: string | undefined; rise: string | undefined; word: string | undefined; i: number }): Step {
  if (at.value !== undefined) return { kind: "value", value: Number(at.value) + at.i * Number(at.rise ?? 0) };
  if (at.word === undefined) return { kind: "none" };
  return at.word === "bad" ? { kind: "bad" } : { kind: "word", word: at.word };
}
