import type { NumberedSeries } from "./batch.ts";

/** What series numbers mean. */
export interface Descriptions {
  /** Description of a number, made for the caller; undefined where there is no such series. */
  describe(number: number): NumberedSeries | undefined;
  /** 1 and more, higher with each change of the description; 0 where there is no such series. */
  revision(number: number): number;
}
