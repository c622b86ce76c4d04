/** What else the collector's HTTP interface says: who asks, how it is guarded, what failed, what changed (DESIGN §9). More fields are welcome over time, these stay. The web UI and the collector share the types of it and of the `*-view.ts` beside it; times are ms since epoch. */
import type { AlarmView } from "./alarm-view.ts";
import type { AssetEvent } from "./asset-event.ts";
import type { AssetView } from "./asset-view.ts";
import type { IncidentView } from "./incident-view.ts";
import type { ReadingUpdate } from "./reading-view.ts";
import type { ServiceView } from "./service-view.ts";

/** Who asks, as /api/v1/session says it. */
export interface SessionView {
  readonly kind: "nobody" | "user" | "token";
  readonly name: string;
  readonly role: "viewer" | "operator" | "admin" | null;
  readonly rights: readonly ("read" | "metrics" | "act" | "admin")[];
  /** The collector has users: nobody is let in who has not signed in. */
  readonly sign_in: boolean;
}

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly [extension: string]: unknown;
}

/** What /api/v1/events sends: the SSE event's name is `type`. */
export type CollectorEvent =
  | { readonly type: "service"; readonly service: ServiceView }
  | { readonly type: "asset"; readonly asset: AssetView }
  | { readonly type: "alarm"; readonly alarm: AlarmView & { readonly cleared: boolean } }
  /** Opened, changed, acknowledged or resolved. */
  | { readonly type: "incident"; readonly incident: IncidentView }
  /** Newest values that changed since the last of these, at most one a second per series. */
  | { readonly type: "readings"; readonly readings: readonly ReadingUpdate[] }
  /** An asset told something of its own accord: a trap. */
  | { readonly type: "event"; readonly event: AssetEvent }
  | { readonly type: "config"; readonly time: number }
  /** So much changed at once that it is not told one by one: whoever listens fetches anew what is shown. */
  | { readonly type: "reset"; readonly time: number };

/** How the collector is guarded, and what is weak. No secret is in it. */
export interface SecurityView {
  readonly listener: {
    readonly address: string;
    readonly tls: boolean;
    /** Only this machine reaches it, and no proxy stands in front. */
    readonly loopback: boolean;
    readonly users: number;
    readonly insecure: boolean;
  };
  readonly agents: {
    readonly enrolled: readonly string[];
    /** Whoever is on this machine may send readings without a signature. */
    readonly unsigned_allowed: boolean;
  };
  readonly tokens: readonly {
    readonly id: string;
    readonly kind: "join" | "api";
    readonly name: string;
    readonly rights: readonly string[];
    readonly expires: number;
  }[];
  readonly weak: readonly { readonly kind: string; readonly where: string; readonly meaning: string }[];
}
