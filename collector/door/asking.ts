/** A request as the door sees it: its head, before anything of its body is read. */
export interface Asking {
  readonly method: string;
  /** Path and query as asked for. */
  readonly path: string;
  header(name: string): string | undefined;
  /** Address it came from; what a trusted proxy says where there is one. */
  readonly from: string;
  /** It came over TLS, to us or to a trusted proxy. */
  readonly secure: boolean;
  /** `Host`, or what a trusted proxy was asked for. */
  readonly host: string;
}

/** The token of `Authorization: Bearer`. */
export function bearerOf(asking: Asking): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(asking.header("authorization") ?? "")?.[1];
}

/** Asked by a page of somebody else's, as the browser says it (Fetch Metadata; Origin, RFC 6454). */
export function isForeign(asking: Asking): boolean {
  const site = asking.header("sec-fetch-site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = asking.header("origin");
  return origin !== undefined && hostOf(origin) !== asking.host.toLowerCase();
}

/** A browser said where the asking page is from. */
export function saysOrigin(asking: Asking): boolean {
  return asking.header("sec-fetch-site") !== undefined || asking.header("origin") !== undefined;
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** A page over TLS has a cookie that no page over plain HTTP, and no neighbour host, can set (RFC 6265bis `__Host-`). */
export function cookieName(asking: Asking): string {
  return asking.secure ? "__Host-millwright_session" : "millwright_session";
}

/** What our cookie holds. */
export function cookieOf(asking: Asking): string | undefined {
  const wanted = `${cookieName(asking)}=`;
  const pair = (asking.header("cookie") ?? "").split(";").find((one) => one.trim().startsWith(wanted));
  return pair?.trim().slice(wanted.length);
}
