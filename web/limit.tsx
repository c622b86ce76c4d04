import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** Rows that a page shows at first, and how many more at a time: a browser draws a hundred at once, not ten thousand. */
export const step = 100;

/** The first of many, and what shows more of them. `about` is what they are: `assets`. */
export function useLimited<T>(all: readonly T[], about: string): { readonly shown: readonly T[]; readonly more: JSX.Element | null } {
  const [limit, setLimit] = useState(step);
  const left = all.length - limit;
  const more =
    left <= 0 ? null : (
      <p class="more">
        <button type="button" class="plain" onClick={() => setLimit(limit + step)}>
          Show {Math.min(left, step)} more
        </button>{" "}
        <span class="quiet">
          {limit} of {all.length} {about}
        </span>
      </p>
    );
  return { shown: left <= 0 ? all : all.slice(0, limit), more };
}
