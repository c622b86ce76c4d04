import { createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

/** A mail as it came: envelope, and the message with its header. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

export interface SmtpServer {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** Lines that clients said, for AUTH; those within TLS begin with `tls `. */
  readonly said: string[];
  /** The certificate that it shows from now on; without one it does not offer TLS. */
  tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** What it answers to a verb instead of OK: `{ RCPT: "550 no such user" }`; `silent` says nothing at all. */
  answers: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * A mail server (RFC 5321, as much of it as a client needs) on a free loopback port, with AUTH PLAIN. With a certificate it offers
 * STARTTLS (RFC 3207), or `implicit` speaks TLS from the first byte.
 */
export function startSmtp({ implicit = false }: { implicit?: boolean } = {}): Promise<SmtpServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    greet(implicit ? secured(socket, smtp) : socket, smtp);
  });
  const smtp: SmtpServer & { port: number } = {
    port: 0,
    mails: [],
    said: [],
    tls: undefined,
    answers: {},
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      smtp.port = typeof address === "object" && address !== null ? address.port : 0;
      resolve(smtp);
    });
  });
}

function greet(socket: Socket, smtp: SmtpServer): void {
  socket.write("220 test ESMTP\r\n");
  converse(socket, smtp);
}

function secured(socket: Socket, smtp: SmtpServer): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(smtp.tls) });
  secure.on("error", () => socket.destroy());
  return secure;
}

function converse(socket: Socket, smtp: SmtpServer): void {
  const isSecure = socket instanceof TLSSocket;
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  const mail = { from: "", to: [] as string[] };
  let data: string[] | undefined;
  let rest = "";
  const replies: Readonly<Record<string, string>> = {
    EHLO: isSecure || smtp.tls === undefined ? "250-test\r\n250 AUTH PLAIN" : "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN",
    DATA: "354 go on",
    AUTH: "235 let in",
    STAR: "220 go ahead",
    QUIT: "221 bye",
  };
  const command = (line: string): void => {
    smtp.said.push(isSecure ? `tls ${line}` : line);
    const verb = line.slice(0, 4).toUpperCase();
    const answer = smtp.answers[verb] ?? replies[verb] ?? "250 ok";
    if (verb === "MAIL") mail.from = addressIn(line);
    if (verb === "RCPT") mail.to.push(addressIn(line));
    if (answer.startsWith("354")) data = [];
    if (answer !== "silent") say(answer);
    if (verb === "STAR" && answer.startsWith("220")) {
      socket.removeAllListeners("data");
      converse(secured(socket, smtp), smtp);
    }
  };
  const body = (lines: string[], line: string): void => {
    if (line !== ".") {
      lines.push(line.replace(/^\./, ""));
      return;
    }
    smtp.mails.push({ ...mail, data: lines.join("\n") });
    data = undefined;
    say("250 taken");
  };
  socket.on("data", (chunk) => {
    const lines = (rest + chunk.toString()).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (data === undefined) command(line);
      else body(data, line);
    }
  });
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? "";
}
