import type { ActInStory, ExpectedIncident, NamedIncident } from "../../config/rules-test-people.ts";
import { formatDuration } from "../../config/values.ts";
import type { IncidentView } from "../../core/incident-view.ts";
import { ackOfCauses } from "./alarm-verdict.ts";
import { type Difference, listDifference } from "./difference.ts";
import { namesText, sameNames } from "./names.ts";
import type { Played } from "./rehearse.ts";

/** Every expected incident has to be there, and no other that is open. */
export function incidentDifferences(
  what: string,
  expected: readonly ExpectedIncident[],
  found: readonly IncidentView[],
): readonly Difference[] {
  // One that is over and not spoken of is nobody's business.
  const concerned = found.filter((incident) => incident.state === "open" || expected.some((one) => isIncident(one, incident)));
  return listDifference(what, {
    expected,
    found: concerned,
    matches: isIncident,
    mayBe: ({ state }) => state === "resolved",
    text: { expected: expectedText, found: incidentText },
  });
}

/** Acknowledges incidents as a story says somebody does; a difference where none is open. */
export function ackDifferences({ at, incident: named = {}, alarms }: ActInStory, { plant, incidents }: Played, now: number) {
  const open = incidents.incidents().filter((one) => one.state === "open" && isNamed(named, one));
  const what = `at ${formatDuration(at)}: ack incident ${namedText(named)}`;
  if (open.length === 0) return [{ what, expected: "an open incident to do it to", found: "none" }];
  for (const { id } of open) incidents.acknowledge(id, { by: "the test", comment: "by the test" }, now);
  if (alarms === true) ackOfCauses(plant, new Set(open.flatMap(({ causes }) => causes)), now);
  return [];
}

function isNamed({ cause, service }: NamedIncident, { causes, services }: IncidentView): boolean {
  return (cause === undefined || causes.includes(cause)) && (service === undefined || services.some(({ id }) => id === service));
}

function isIncident(expected: ExpectedIncident, found: IncidentView): boolean {
  const { state, level = found.level, worst = found.worst, planned = found.planned } = expected;
  const { acknowledged = found.ack !== null } = expected;
  return (
    isNamed(expected, found) &&
    state === found.state &&
    level === found.level &&
    worst === found.worst &&
    planned === found.planned &&
    acknowledged === (found.ack !== null) &&
    sameNames(expected.causes, found.causes) &&
    sameNames(expected.services, idsOf(found))
  );
}

const idsOf = ({ services }: IncidentView): readonly string[] => services.map(({ id }) => id);

function incidentText(incident: IncidentView): string {
  const { state, level, worst, causes, ack, planned } = incident;
  const marks = [ack === null ? "not acknowledged" : "acknowledged", ...(planned ? ["planned"] : [])];
  return `${state} ${level}, worst ${worst}, by ${namesText(causes)} (${namesText(idsOf(incident))}), ${marks.join(", ")}`;
}

function expectedText(expected: ExpectedIncident): string {
  const { state, level, worst, acknowledged, planned, causes, services } = expected;
  return [
    ...[state, level].filter((one) => one !== undefined),
    ...(worst === undefined ? [] : [`worst ${worst}`]),
    ...(causes === undefined ? [] : [`by ${namesText(causes)}`]),
    ...(services === undefined ? [] : [`(${namesText(services)})`]),
    ...(acknowledged === undefined ? [] : [acknowledged ? "acknowledged" : "not acknowledged"]),
    ...(planned === undefined ? [] : [planned ? "planned" : "not planned"]),
    ...(expected.cause === undefined && expected.service === undefined ? [] : [namedText(expected)]),
  ].join(" ");
}

function namedText({ cause, service }: NamedIncident): string {
  const named = [...(cause === undefined ? [] : [`by ${cause}`]), ...(service === undefined ? [] : [`of ${service}`])];
  return named.join(" ") || "of any service";
}
