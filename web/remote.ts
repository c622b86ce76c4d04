import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, fetchJson } from "./api.ts";

/** A document of the collector on its way to the page. `data` stays while a newer one is fetched. */
export interface Remote<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
}

/** Least time between two requests for the same document, ms. */
const gapMs = 300;

/** Fetches `path`, and again whenever `version` changes or `everyMs` pass; one request at a time, however fast that is. */
export function useRemote<T>(path: string, version: number, everyMs?: number): Remote<T> {
  const [state, setState] = useState<Remote<T> & { path: string }>({ path, data: undefined, error: undefined });
  const refresh = useRef<() => void>(() => {});
  useEffect(() => {
    const show = (result: Remote<T>): void =>
      setState((before) => ({ path, data: result.data ?? (before.path === path ? before.data : undefined), error: result.error }));
    const loop = fetchLoop<T>(path, show);
    refresh.current = loop.refresh;
    loop.refresh();
    const timer = everyMs === undefined ? undefined : setInterval(loop.refresh, everyMs);
    return () => {
      clearInterval(timer);
      loop.stop();
    };
  }, [path, everyMs]);
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current !== version) refresh.current();
    seen.current = version;
  }, [version]);
  return state.path === path ? state : { data: undefined, error: undefined };
}

function fetchLoop<T>(path: string, show: (result: Remote<T>) => void): { refresh(): void; stop(): void } {
  const abort = new AbortController();
  let state: "idle" | "busy" | "again" = "idle";
  const run = async (): Promise<void> => {
    const result = await fetchJson<T>(path, abort.signal).then(
      (data) => ({ data, error: undefined }),
      (error: unknown) => ({ data: undefined, error: error instanceof ApiError ? error : new ApiError(0, String(error)) }),
    );
    if (abort.signal.aborted) return;
    show(result);
    await new Promise((resolve) => setTimeout(resolve, gapMs));
    const again = state === "again";
    state = "idle";
    if (again) refresh();
  };
  const refresh = (): void => {
    if (abort.signal.aborted) return;
    if (state !== "idle") {
      state = "again";
      return;
    }
    state = "busy";
    void run();
  };
  return { refresh, stop: () => abort.abort() };
}
