import { readFile } from "node:fs/promises";
import type { Transporter } from "nodemailer";
import type { EmailConfig } from "../../../config/notify.ts";
import { messageOf } from "../../../core/errors.ts";
import { type Notification, type Notifier, NotifyError } from "../../../core/notifier.ts";

/** How long the server may take for one step of the conversation, ms. */
const stepMs = 10_000;

/** Sends each message as one e-mail in plain text; a connection for each, since there are hours between them. */
export function createEmailNotifier(config: EmailConfig): Notifier {
  const name = `mail server ${config.host}:${config.port}`;
  return {
    async send(notification, signal) {
      try {
        // Closing a transport does not end a conversation: that it does by itself, after a step without an answer.
        await Promise.race([sendMail(config, notification), aborted(signal)]);
      } catch (error) {
        throw new NotifyError(verdictOf(error), `${name}: ${messageOf(error)}`, { cause: error });
      }
    },
    async close() {},
  };
}

async function sendMail(config: EmailConfig, notification: Notification): Promise<void> {
  const transport = await openTransport(config);
  try {
    await transport.sendMail(mailOf(config, notification));
  } finally {
    transport.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(new Error("given up"));
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });
}

async function openTransport({ host, port, tls, user, password, ca }: EmailConfig): Promise<Transporter> {
  // Loaded here, so that a collector without this channel does not carry it.
  const { createTransport } = await import("nodemailer");
  return createTransport({
    host,
    port,
    secure: tls === "tls",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    // Its name is checked against `host`, with STARTTLS too.
    ...(ca === undefined ? {} : { tls: { ca: await readFile(ca) } }),
    ...(user === undefined ? {} : { auth: { user, pass: password?.reveal() ?? "" } }),
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Mails of one incident are one conversation: the first word's id is what the others refer to. */
function mailOf({ from, to }: EmailConfig, { id, title, text, time, news, url }: Notification) {
  const [only, second] = news;
  const thread = only === undefined || second !== undefined ? undefined : `<incident.${only.incident.id}@millwright>`;
  return {
    from,
    to: [...to],
    subject: title.replace(/[\r\n]+/g, " "),
    text: url === "" ? `${text}\n` : `${text}\n\n${url}\n`,
    date: new Date(time),
    messageId: `<${id}@millwright>`,
    ...(thread === undefined ? {} : { references: thread, inReplyTo: thread }),
    headers: { "Auto-Submitted": "auto-generated", "Idempotency-Key": id },
  };
}

/** What the server says of this very mail for good (RFC 5321 §4.2.1: 5yz); of a login (535, 530, 534) it may think again. */
function verdictOf(error: unknown): "retry" | "rejected" {
  const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
  return code >= 550 && code < 560 ? "rejected" : "retry";
}
