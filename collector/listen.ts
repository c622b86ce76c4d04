import { createServer, type RequestListener, type Server } from "node:http";
import { isIPv4 } from "node:net";
import { codeOf, messageOf } from "../core/errors.ts";

/** The collector may not listen as config says. The message says why, and what to do. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8460` or `[::1]:8460`. */
export function parseAddress(listen: string): Address {
  const colon = listen.lastIndexOf(":");
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const port = Number(listen.slice(colon + 1));
  if (port > 65_535) throw new ListenError(`collector.listen: ${listen}: there is no port ${port}`);
  return { host, port };
}

/** Throws ListenError for an address that others can reach, unless config says that this is known. */
export function checkReach(listen: string, insecure: boolean): void {
  const { host } = parseAddress(listen);
  if (insecure || isLoopback(host)) return;
  throw new ListenError(
    `collector.listen: ${listen} can be reached from other machines, and this version has neither TLS nor sign-in: listen on 127.0.0.1, or say \`insecure: true\``,
  );
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

export interface Listening {
  readonly url: string;
  /** Takes no more requests; resolves when those under way are answered, or cut off after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Serves HTTP. Rejects with ListenError when the address is taken or not ours. */
export function listenOn(listen: string, handle: RequestListener): Promise<Listening> {
  const { host, port } = parseAddress(listen);
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 75_000 }, handle);
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenError(`collector.listen: ${listen}: ${explain(error)}`, { cause: error })));
    server.listen({ host, port }, () => resolve({ url: urlOf(server, host), close: (graceMs) => close(server, graceMs) }));
  });
}

function explain(error: Error): string {
  if (codeOf(error) === "EADDRINUSE") return "another process listens there";
  if (codeOf(error) === "EADDRNOTAVAIL") return "is no address of this machine";
  if (codeOf(error) === "EACCES") return "needs rights that this process does not have";
  return messageOf(error);
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
