import type { ExpectedNotification } from "../../config/rules-test-people.ts";
import { formatDuration } from "../../config/values.ts";
import { type Difference, listDifference } from "./difference.ts";
import type { ToldNews } from "./messenger.ts";
import { sameNames } from "./names.ts";

/** Every notification that is expected has to be told, and no other. */
export function notificationDifferences(
  what: string,
  expected: readonly ExpectedNotification[],
  found: readonly ToldNews[],
): readonly Difference[] {
  return listDifference(what, { expected, found, matches: isNews, text: { expected: expectedText, found: newsText } });
}

function isNews(expected: ExpectedNotification, { channel, ms, news }: ToldNews): boolean {
  const { kind = news.kind, level = news.incident.level, at = ms } = expected;
  return (
    expected.to === channel &&
    at === ms &&
    kind === news.kind &&
    level === news.incident.level &&
    sameNames(expected.causes, news.incident.causes) &&
    sameNames(
      expected.services,
      news.incident.services.map(({ id }) => id),
    )
  );
}

function newsText({ channel, ms, news: { kind, incident } }: ToldNews): string {
  return `${channel} ${kind} ${incident.level} by ${incident.causes.join(", ") || "no asset"} (${incident.services.map(({ id }) => id).join(", ")}) at ${formatDuration(ms)}`;
}

function expectedText({ to, kind, level, causes, services, at }: ExpectedNotification): string {
  return [
    to,
    ...(kind === undefined ? [] : [kind]),
    ...(level === undefined ? [] : [level]),
    ...(causes === undefined ? [] : [`by ${causes.join(", ") || "no asset"}`]),
    ...(services === undefined ? [] : [`(${services.join(", ")})`]),
    ...(at === undefined ? [] : [`at ${formatDuration(at)}`]),
  ].join(" ");
}
