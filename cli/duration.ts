import { InvalidArgumentError } from "commander";
import { parseDuration } from "../config/values.ts";

/** Reads a duration of the command line, such as `30s`, as ms; nothing is no duration. */
export const durationArgument = durationReader("30s");

/** As `durationArgument`, with another example in its complaint. */
export function durationReader(example: string): (text: string) => number {
  return (text) => {
    const ms = durationOrNone(text, example);
    if (ms === 0) throw complaint(text, example);
    return ms;
  };
}

/** A duration that may be none: `0s`. */
export function durationOrNone(text: string, example = "30s"): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw complaint(text, example);
  return ms;
}

function complaint(text: string, example: string): InvalidArgumentError {
  return new InvalidArgumentError(`${JSON.stringify(text)} is not a duration such as ${example}`);
}
