import type { JSX } from "preact";
import type { ApiError } from "../api.ts";

/** In place of a page's content: why it is not there (yet). */
export function Problem({ what, error }: { readonly what: string; readonly error: ApiError | undefined }): JSX.Element {
  if (error === undefined) return <p class="quiet">Loading…</p>;
  return (
    <div class="problem">
      <h1>{what}</h1>
      <p>{error.message}</p>
      <p>
        <a href="/">All services</a>
      </p>
    </div>
  );
}
