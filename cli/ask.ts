import { InvalidArgumentError, Option } from "commander";
import { secret } from "../config/values.ts";
import { codeOf, messageOf } from "../core/errors.ts";
import { Exit, exits } from "./exit.ts";

/** How long a collector may take to answer, ms. */
const patienceMs = 60_000;

/** `--url`, the same for every command that asks a running collector. */
export function urlOption(): Option {
  return new Option("--url <url>", "the collector").default("http://127.0.0.1:8460").argParser(httpUrl);
}

/** `--token`: a reference, since everybody on a machine sees its command lines. */
export function tokenOption(): Option {
  return new Option("--token <reference>", "an API token where the collector asks for one: env:NAME or file:PATH").argParser(revealed);
}

export interface Asked {
  /** The collector, as `--url` gave it. */
  readonly url: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly token?: string | undefined;
  /** Posted as JSON; it is a GET without. */
  readonly body?: object;
}

/** The text of a collector's answer. Rejects with Exit where it does not answer, or refuses. */
export async function askCollector({ url, path, query = {}, token, body }: Asked): Promise<string> {
  const target = new URL(path, url);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(target, { ...posted, headers, signal: AbortSignal.timeout(patienceMs) }).catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    throw new Exit(exits.problems, `${url}: ${codeOf(cause) ?? messageOf(error)}: is the collector running?`, { cause: error });
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new Exit(response.status < 500 ? exits.usage : exits.problems, `${url} answers ${response.status}: ${reasonOf(text)}`);
}

function httpUrl(value: string): string {
  if (URL.canParse(value) && /^https?:/i.test(value)) return value;
  throw new InvalidArgumentError(`${JSON.stringify(value)} is not an http:// or https:// URL`);
}

function revealed(reference: string): string {
  const read = secret.safeParse(reference);
  if (!read.success) throw new InvalidArgumentError("a token is named by env:NAME or file:PATH");
  try {
    return read.data.reveal();
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

interface Refusal {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly name?: string; readonly found?: unknown; readonly expected?: string }[];
}

/** What an RFC 9457 problem says, in one line. */
function reasonOf(text: string): string {
  try {
    const { detail, title, errors = [] } = JSON.parse(text) as Refusal;
    const faults = errors.map(({ name, found, expected }) => `${name ?? ""} ${JSON.stringify(found)}: expected ${expected ?? ""}`);
    return faults.length > 0 ? faults.join("; ") : (detail ?? title ?? "");
  } catch {
    return text.slice(0, 200);
  }
}
