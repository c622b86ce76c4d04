import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
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

/**
 * Throws ListenError for an address that others can reach, unless it speaks TLS to people who sign in, or config says that this is known.
 * `guards` are those that it has.
 */
export function checkReach(listen: string, insecure: boolean, guards: { readonly tls?: boolean; readonly users?: boolean } = {}): void {
  const { host } = parseAddress(listen);
  const missing = [...(guards.tls === true ? [] : ["`collector.tls`"]), ...(guards.users === true ? [] : ["`users`"])];
  if (insecure || missing.length === 0 || isLoopback(host)) return;
  throw new ListenError(
    `collector.listen: ${listen} can be reached from other machines, and the config has no ${missing.join(" and no ")}: add what is missing, listen on 127.0.0.1, or say \`insecure: true\``,
  );
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

export interface Listening {
  readonly url: string;
  /** New connections get this certificate from now on; those that stand keep theirs. Throws ListenError where it is none. */
  renew(tls: TlsFiles): void;
  /** Takes no more requests; resolves when those under way are answered, or cut off after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** PEM of a certificate chain and its key. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Who is slow with a head or a body is cut off, also before anybody knows who it is; looked after every `connectionsCheckingInterval`. */
const standard: ServerOptions = {
  requestTimeout: 60_000,
  headersTimeout: 15_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
};

/** Serves HTTP, over TLS 1.2 or later where there is a certificate. Rejects with ListenError when the address is taken or not ours. */
export function listenOn(
  listen: string,
  handle: RequestListener,
  { tls, limits = standard }: { readonly tls?: TlsFiles | undefined; readonly limits?: ServerOptions } = {},
): Promise<Listening> {
  const { host, port } = parseAddress(listen);
  const server = serverOf({ handle, tls, limits });
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenError(`collector.listen: ${listen}: ${explain(error)}`, { cause: error })));
    server.listen({ host, port }, () =>
      resolve({
        url: urlOf(server, host, tls === undefined ? "http" : "https"),
        renew: (files) => renew(server, files),
        close: (graceMs) => close(server, graceMs),
      }),
    );
  });
}

function serverOf({
  handle,
  tls,
  limits,
}: {
  handle: RequestListener;
  tls: TlsFiles | undefined;
  limits: ServerOptions;
}): Server | TlsServer {
  if (tls === undefined) return createServer(limits, handle);
  try {
    return createTlsServer({ ...limits, ...tls, minVersion: "TLSv1.2" }, handle);
  } catch (cause) {
    throw new ListenError(`collector.tls: ${messageOf(cause)}`, { cause });
  }
}

function renew(server: Server | TlsServer, files: TlsFiles): void {
  if (!("setSecureContext" in server)) return;
  try {
    server.setSecureContext({ ...files, minVersion: "TLSv1.2" });
  } catch (cause) {
    throw new ListenError(`collector.tls: ${messageOf(cause)}`, { cause });
  }
}

function explain(error: Error): string {
  if (codeOf(error) === "EADDRINUSE") return "another process listens there";
  if (codeOf(error) === "EADDRNOTAVAIL") return "is no address of this machine";
  if (codeOf(error) === "EACCES") return "needs rights that this process does not have";
  return messageOf(error);
}

function urlOf(server: Server, host: string, scheme: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
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
