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
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { headers: { accept: "application/json" }, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    throw new ApiError(0, `the collector does not answer (${error instanceof Error ? error.message : "network"})`);
  }
  if (!response.ok) throw new ApiError(response.status, await problemText(response));
  return (await response.json()) as T;
}

/** Asks the collector to do something. Rejects with ApiError. */
export async function postJson(path: string, body: unknown): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  } catch (error) {
    throw new ApiError(0, `the collector does not answer (${error instanceof Error ? error.message : "network"})`);
  }
  if (!response.ok) throw new ApiError(response.status, await problemText(response));
}

async function problemText(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return problem.detail ?? problem.title ?? `status ${response.status}`;
  } catch {
    return `status ${response.status}`;
  }
}
