import type { Problem } from "../core/api.ts";

/** The collector did not answer, or answered with a problem; the message is for people. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads one JSON document of the collector. Rejects with ApiError. */
export function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return exchange<T>(path, { headers: { accept: "application/json" }, ...(signal === undefined ? {} : { signal }) });
}

/** Sends a JSON document and reads the one it is answered with. Rejects with ApiError. */
export function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  return exchange<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function exchange<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    throw new ApiError(0, `the collector does not answer (${error instanceof Error ? error.message : "network"})`);
  }
  if (!response.ok) throw new ApiError(response.status, await problemText(response));
  return (await response.json()) as T;
}

async function problemText(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return problem.detail ?? problem.title ?? `status ${response.status}`;
  } catch {
    return `status ${response.status}`;
  }
}
