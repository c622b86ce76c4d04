import { claim } from "./claims.ts";
import type { Hurt } from "./hurt.ts";
import { carryOn, type Incident, openIncident, resolve } from "./incident.ts";

/** Open incidents, and the seq of the next one. */
export interface Incidents {
  readonly open: readonly Incident[];
  readonly next: number;
}

export interface Step extends Incidents {
  /** Incidents that are not as they were: new, changed, or resolved (which are no longer in `open`). */
  readonly changed: readonly Incident[];
}

/** Incidents after the plant has changed. `hurt`: every service that is hurt now, in any order. */
export function stepIncidents(before: Incidents, hurt: readonly Hurt[], now: number): Step {
  const known = new Map(before.open.map((incident) => [incident.seq, incident]));
  const claimants = before.open.map(({ seq, owned, view }) => ({ seq, causes: owned, services: hurtIn(view.services) }));
  const open: Incident[] = [];
  const changed: Incident[] = [];
  let next = before.next;
  for (const one of claim(claimants, inOrder(hurt))) {
    const was = one.seq === undefined ? undefined : known.get(one.seq);
    const is = was === undefined ? openIncident(one, next++, now) : carryOn(was, one, now);
    open.push(is);
    if (is !== was) changed.push(is);
    known.delete(is.seq);
  }
  for (const gone of known.values()) changed.push(resolve(gone, now));
  return { open, next, changed };
}

function hurtIn(services: Incident["view"]["services"]): readonly string[] {
  return services.filter(({ level }) => level !== "ok").map(({ id }) => id);
}

/** So that what comes out does not depend on how it came in: the worst first, then by id. */
function inOrder(hurt: readonly Hurt[]): readonly Hurt[] {
  const rank = { ok: 0, warning: 1, major: 2, critical: 3 } as const;
  return [...hurt].sort((a, b) => rank[b.level] - rank[a.level] || (a.id < b.id ? -1 : 1));
}
