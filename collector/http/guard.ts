import { isIP } from "node:net";
import { hostname } from "node:os";
import type { RequestHandler } from "express";
import helmet from "helmet";
import { ProblemError } from "./problem.ts";

/**
 * Refuses requests that name a host which is not ours: a page of somebody else's that had its name point to this address (DNS
 * rebinding) would otherwise read everything. An address cannot be rebound, and a name without a dot is nobody's to register.
 */
export function hostGuard(listen: string, hosts: readonly string[]): RequestHandler {
  const names = new Set(["localhost", hostname().toLowerCase(), nameOf(listen), ...hosts.map((host) => host.toLowerCase())]);
  return (request, _response, next) => {
    const host = nameOf(request.host ?? "");
    if (names.has(host) || host.endsWith(".localhost") || isIP(host.replace(/^\[|\]$/g, "")) !== 0 || /^[a-z0-9_-]+$/.test(host)) next();
    else throw new ProblemError(421, `this collector is not ${JSON.stringify(host)}: ask by address, or by a name that its config knows`);
  };
}

/** Refuses a path that nobody can decode, before anything looks at it. */
export const decodablePath: RequestHandler = (request, _response, next) => {
  try {
    decodeURIComponent(request.path);
  } catch {
    throw new ProblemError(400, `the path ${JSON.stringify(request.path)} holds a % that does not begin an encoded UTF-8 character`);
  }
  next();
};

/** `Host` without its port. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

/**
 * Security headers. Nothing inline and nothing from elsewhere runs. No HSTS and no upgrade-insecure-requests: the plant's
 * network speaks plain HTTP, and both would cut it off.
 */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
      },
    },
    strictTransportSecurity: false,
    referrerPolicy: { policy: "no-referrer" },
  });
}
