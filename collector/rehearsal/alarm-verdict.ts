import type { ExpectedAlarm } from "../../config/rules-test.ts";
import type { ActInStory } from "../../config/rules-test-people.ts";
import { formatDuration } from "../../config/values.ts";
import type { AlarmView } from "../../core/alarm-view.ts";
import { seriesName } from "../../core/reading.ts";
import type { Plant } from "../plant.ts";
import { type Difference, listDifference } from "./difference.ts";

/** Every expected alarm has to be there, and no other whose process is in alarm. */
export function alarmDifferences(what: string, expected: readonly ExpectedAlarm[], found: readonly AlarmView[]): readonly Difference[] {
  // What is neither in alarm nor spoken of is nobody's business.
  const concerned = found.filter((alarm) => alarm.state !== "normal" || expected.some((one) => one.alarm === alarm.alarm));
  return listDifference(what, {
    expected,
    found: concerned,
    matches: isAlarm,
    mayBe: ({ state }) => state === "pending" || state === "normal",
    text: { expected: expectedText, found: alarmText },
  });
}

/** Does to alarms what a story says somebody does; a difference where that is not possible. */
export function actDifferences(wanted: ActInStory, plant: Plant, now: number): readonly Difference[] {
  const { act, alarm = "", at, for: length } = wanted;
  const what = `at ${formatDuration(at)}: ${act} ${expectedText({ ...wanted, alarm })}`;
  const concerned = plant.alarms(true).filter((one) => isOn({ ...wanted, alarm }, one));
  if (concerned.length === 0) return [{ what, expected: "an alarm to do it to", found: `${alarm} is normal` }];
  return concerned.flatMap(({ id }) => {
    const until = length === undefined ? null : now + length;
    const outcome = plant.act({ alarm: id, act, by: "the test", comment: "by the test", at: now, until });
    return outcome.kind === "refused" ? [{ what, expected: "to be possible", found: outcome.why }] : [];
  });
}

/** Acknowledges the alarms of these assets that nobody has seen. */
export function ackOfCauses(plant: Plant, causes: ReadonlySet<string>, now: number): void {
  const unseen = plant
    .alarms(true)
    .filter(({ asset, isa }) => causes.has(asset) && (isa === "unacknowledged" || isa === "returned-unacknowledged"));
  for (const { id } of unseen) plant.act({ alarm: id, act: "ack", by: "the test", comment: "by the test", at: now, until: null });
}

function isAlarm(expected: ExpectedAlarm, alarm: AlarmView): boolean {
  const { level = alarm.level, state = alarm.state, isa = alarm.isa } = expected;
  const quiet = alarm.state === "pending" || alarm.state === "normal";
  if (quiet && expected.state === undefined && expected.isa === undefined) return false;
  return isOn(expected, alarm) && level === alarm.level && state === alarm.state && isa === alarm.isa;
}

/** Which alarm is meant. */
type Named = Pick<ExpectedAlarm, "alarm" | "asset" | "labels">;

function isOn({ alarm, asset, labels = {} }: Named, found: AlarmView): boolean {
  const labelled = Object.entries(labels).every(([name, value]) => found.labels[name] === value);
  return alarm === found.alarm && (asset ?? found.asset) === found.asset && labelled;
}

function alarmText(alarm: AlarmView): string {
  return `${alarm.alarm} (${seriesName(alarm)}) ${alarm.level} ${alarm.state}${alarm.isa === undefined ? "" : ` ${alarm.isa}`}`;
}

function expectedText({ alarm, asset, labels, ...more }: Named & Partial<ExpectedAlarm>): string {
  const on = [...(asset === undefined ? [] : [asset]), ...Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`)];
  const rest = [more.level, more.state, more.isa].filter((one) => one !== undefined);
  return [`${alarm}${on.length === 0 ? "" : ` (${on.join(", ")})`}`, ...rest].join(" ");
}
