import { z } from "zod";

/** Text that people write: no control characters, something to read in it. */
export const words = (max: number): z.ZodType<string, string> =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cf}]*$/u)
    .meta({ description: `a text of 1 to ${max} characters, without control characters` });

/** Who acts, where nobody is signed in. */
export const who = words(100);
