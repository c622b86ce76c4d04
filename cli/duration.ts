import { InvalidArgumentError } from "commander";
import { parseDuration } from "../config/values.ts";

/** A duration of the command line, such as `30s`, in ms; nothing is no duration. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError("expected a duration such as 30s");
  return ms;
}
