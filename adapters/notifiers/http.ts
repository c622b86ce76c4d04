import { readFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { messageOf } from "../../core/errors.ts";
import { NotifyError } from "../../core/notifier.ts";

export interface Post {
  readonly url: string;
  /** What to call it in messages: the URL may be a secret. */
  readonly name: string;
  /** File with the CA certificate of an https server, PEM; read anew each time. Those that the system trusts without it. */
  readonly ca?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Answers that speak of this very message; all others are about the server, the way to it, or the rights there. */
const rejections = new Set([400, 413, 415, 422]);
/** Characters of an answer that are quoted. */
const quoted = 200;

/** Posts a body; redirects are not followed. Rejects with NotifyError. */
export async function post(one: Post): Promise<void> {
  const { name, ca } = one;
  let answer: Answer;
  try {
    answer = await exchange(one, ca === undefined ? undefined : await readFile(ca));
  } catch (error) {
    throw new NotifyError("retry", `${name}: ${messageOf(error)}`, { cause: error });
  }
  const { status, headers, said } = answer;
  if (status >= 200 && status < 300) return;
  const verdict = rejections.has(status) ? "rejected" : "retry";
  const words = said.slice(0, quoted).trim();
  const message = `${name}: answers ${status}${words === "" ? "" : ` ${JSON.stringify(words)}`}`;
  throw new NotifyError(verdict, message, { retryAfterMs: retryAfter(headers["retry-after"]) });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** How its body begins. */
  readonly said: string;
}

/** One connection for each message: there are hours between them. */
function exchange({ url, headers, body, signal }: Post, ca: Buffer | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const options = { method: "POST", headers: { ...headers, "content-length": String(Buffer.byteLength(body)) }, signal, agent: false };
    const asking =
      target.protocol === "https:"
        ? requestHttps(target, { ...options, ...(ca === undefined ? {} : { ca }) })
        : requestHttp(target, options);
    asking.on("error", reject);
    asking.on("response", (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      let said = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (said.length < quoted) said += chunk;
      });
      // What it says is only quoted: its status counts, also where the rest does not come.
      response.on("error", () => {});
      response.on("close", () => resolve({ status, headers: answered, said }));
    });
    asking.end(body);
  });
}

function retryAfter(header: string | undefined): number | undefined {
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
