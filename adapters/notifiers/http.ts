import { messageOf } from "../../core/errors.ts";
import { NotifyError } from "../../core/notifier.ts";

export interface Post {
  readonly url: string;
  /** What to call it in messages: the URL may be a secret. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Answers that speak of this very message; all others are about the server, the way to it, or the rights there. */
const rejections = new Set([400, 413, 415, 422]);

/** Posts a body; redirects are not followed. Rejects with NotifyError. */
export async function post({ url, name, headers, body, signal }: Post): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
  } catch (error) {
    throw new NotifyError("retry", `${name}: ${reasonOf(error)}`, { cause: error });
  }
  const said = await response.text().catch(() => "");
  if (response.ok) return;
  const verdict = rejections.has(response.status) ? "rejected" : "retry";
  const words = said.slice(0, 200).trim();
  const message = `${name}: answers ${response.status}${words === "" ? "" : ` ${JSON.stringify(words)}`}`;
  throw new NotifyError(verdict, message, { retryAfterMs: retryAfter(response.headers.get("retry-after")) });
}

/** fetch hides the reason in its cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : messageOf(error);
}

function retryAfter(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** `Authorization` of a token, or of a user and password; none without. */
export function authorization(login: {
  user?: string | undefined;
  password?: string | undefined;
  token?: string | undefined;
}): Record<string, string> {
  if (login.token !== undefined) return { authorization: `Bearer ${login.token}` };
  if (login.user === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${login.user}:${login.password ?? ""}`).toString("base64")}` };
}
