import { type Command, InvalidArgumentError, Option } from "commander";
import { secret } from "../config/values.ts";
import { codeOf, messageOf } from "../core/errors.ts";
import { Exit, exits } from "./exit.ts";

/** How long a collector may take to answer, ms. */
const patienceMs = 60_000;

/** Which collector is asked, and as whom. */
export interface Where {
  readonly url: string;
  readonly token?: string;
}

/** Adds `--url` and `--token`, the same for every command that asks a running collector. */
export function withCollector(command: Command): Command {
  return command.addOption(urlOption("the collector").default("http://127.0.0.1:8460")).addOption(tokenOption());
}

/** `--url`, without an address of its own. */
export function urlOption(description: string): Option {
  return new Option("--url <url>", description).argParser(httpUrl);
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
  /** What does without a running collector, said where none answers. */
  readonly otherwise?: string;
}

/** A collector's answer, whatever it is. Rejects with Exit where it does not answer. */
export async function answerOf({ url, path, query = {}, token, body, otherwise }: Asked): Promise<Response> {
  const target = new URL(path, url);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return await fetch(target, { ...posted, headers, signal: AbortSignal.timeout(patienceMs) }).catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    const hint = otherwise === undefined ? "" : ` ${otherwise}`;
    throw new Exit(exits.problems, `${url}: ${codeOf(cause) ?? messageOf(error)}: is the collector running?${hint}`, { cause: error });
  });
}

/** The text of a collector's answer. Rejects with Exit where it does not answer, or refuses. */
export async function askCollector(asked: Asked): Promise<string> {
  const response = await answerOf(asked);
  const text = await response.text();
  if (!response.ok) throw refusal(asked, response.status, text);
  return text;
}

/** A document of a collector. It is ours and of the same version: its shapes are core/*-view.ts. Rejects as `askCollector`. */
export async function readCollector<View>(asked: Asked): Promise<View> {
  return JSON.parse(await askCollector(asked)) as View;
}

/** How a command ends whose collector said no. */
export function refusal({ url, token }: Asked, status: number, text: string): Exit {
  const hint = status === 401 && token === undefined ? "; --token says with which API token it is asked (`millwright token create`)" : "";
  return new Exit(status < 500 ? exits.usage : exits.problems, `${url} answers ${status}: ${reasonOf(text)}${hint}`);
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
