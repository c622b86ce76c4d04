import { InvalidArgumentError } from "commander";

/** Reads a whole number of the command line between these two, both included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`expected a number from ${least} to ${most}`);
  };
}

/** A port of TCP or UDP. */
export const portNumber = wholeNumber(1, 65_535);
