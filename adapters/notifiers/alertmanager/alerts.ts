import type { IncidentView } from "../../../core/incident-view.ts";
import type { LevelName } from "../../../core/level.ts";
import type { News, Notification } from "../../../core/notifier.ts";

/** `postableAlert` of Alertmanager's API v2. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** An alert that is not told again for this long counts as over: for a collector that is gone for good. */
export const lifeMs = 3_600_000;

/**
 * One alert per incident; its labels are `alertname`, `incident` and `severity`. Since labels are what an alert is, one of
 * another severity ends the one before.
 */
export function alertsOf({ news, url }: Notification, now: number): readonly Alert[] {
  return news.flatMap(({ kind, incident, was }: News): readonly Alert[] => {
    const alert = (severity: LevelName, endsAt: number) => alertOf({ incident, severity, endsAt, url });
    if (kind === "resolved") return was === null ? [] : [alert(was, incident.resolved ?? now)];
    const before = was === null || was === incident.level ? [] : [alert(was, now)];
    return [...before, alert(incident.level, now + lifeMs)];
  });
}

function alertOf({ incident, severity, endsAt, url }: { incident: IncidentView; severity: LevelName; endsAt: number; url: string }): Alert {
  const services = incident.services.map(({ id }) => id).join(",");
  return {
    labels: { alertname: "MillwrightIncident", incident: incident.id, severity },
    annotations: {
      summary: incident.title,
      description: incident.services.map(({ why }) => why).join("\n"),
      business_services: services,
      causes: incident.causes.join(","),
    },
    startsAt: new Date(incident.opened).toISOString(),
    endsAt: new Date(Math.max(endsAt, incident.opened + 1)).toISOString(),
    ...(url === "" ? {} : { generatorURL: url }),
  };
}
