import { type Finding, unknownName } from "./check.ts";
import type { Path } from "./fault.ts";
import type { RouteConfig } from "./notify.ts";
import type { Content, Names } from "./references.ts";

/**
 * Routes and channels that name what is not there, and steps of escalation that tell nobody new. `complete`: no service was
 * left out for its faults, so all owners are known.
 */
export function notifyFindings(content: Content, names: Names, complete: boolean): Finding[] {
  const { routes, channels } = content.notify;
  return [
    ...routes.flatMap((route, i) => [
      ...routeFindings(names, route, ["notify", "routes", i]),
      ...(complete ? ownerFindings(content, route.services?.owner, ["notify", "routes", i, "services", "owner"]) : []),
    ]),
    ...Object.entries(channels).flatMap(([id, channel]) =>
      "mqtt" in channel ? names.one("broker", channel.mqtt.broker, ["notify", "channels", id, "mqtt", "broker"]) : [],
    ),
  ];
}

function routeFindings(names: Names, route: RouteConfig, path: Path): Finding[] {
  const { to, services, calendar, quiet } = route;
  const ids = services?.id;
  const quietCalendar = typeof quiet === "string" ? quiet : quiet?.calendar;
  const quietPath = typeof quiet === "string" ? [...path, "quiet"] : [...path, "quiet", "calendar"];
  return [
    ...to.flatMap((name, i) => names.one("channel", name, [...path, "to", i])),
    ...(typeof ids === "string" ? names.one("service", ids, [...path, "services", "id"]) : []),
    ...(Array.isArray(ids) ? ids.flatMap((id, i) => names.one("service", id, [...path, "services", "id", i])) : []),
    ...(calendar === undefined ? [] : names.one("calendar", calendar, [...path, "calendar"])),
    ...(quietCalendar === undefined ? [] : names.one("calendar", quietCalendar, quietPath)),
    ...escalationFindings(route, names, path),
  ];
}

function ownerFindings({ services }: Content, owner: string | undefined, path: Path): Finding[] {
  if (owner === undefined) return [];
  const owners = new Set(Object.values(services).flatMap((service) => service.owner ?? []));
  const message = unknownName("owner of a service", owner, owners);
  return message === undefined ? [] : [{ path, spot: "value", message }];
}

function escalationFindings({ to, escalate }: RouteConfig, names: Names, path: Path): Finding[] {
  const told = new Set(to);
  return escalate.flatMap((step, i) => {
    const at = [...path, "escalate", i, "to"];
    const fresh = step.to.filter((name) => !told.has(name));
    for (const name of step.to) told.add(name);
    if (fresh.length === 0) return [{ path: at, spot: "value" as const, message: "tells nobody who is not told already" }];
    return step.to.flatMap((name, j) => names.one("channel", name, [...at, j]));
  });
}
