import type { ExpectedAlarm, ExpectedLevel, ExpectedService, Snapshot, Story } from "../../config/rules-test.ts";
import type { Config } from "../../config/schema.ts";
import { formatDuration } from "../../config/values.ts";
import type { AlarmView } from "../../core/api.ts";
import { seriesName } from "../../core/reading.ts";
import { compileGraph } from "../services/graph.ts";
import { whatIf } from "../services/what-if.ts";
import { rehearse } from "./rehearse.ts";

/** Something that is not as a test expects it. */
export interface Difference {
  /** `at 40s: service bottling-line-3`. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

interface Found {
  readonly level: string;
  readonly low: string;
  readonly high: string;
  readonly causes?: readonly string[];
  readonly why?: string;
}

/** Runs one test against a config; empty where all is as expected. Throws GraphError where services cannot be judged. */
export function runTest(config: Config, test: Snapshot | Story): readonly Difference[] {
  return "given" in test ? snapshotDifferences(config, test) : storyDifferences(config, test);
}

function snapshotDifferences(config: Config, { given, expect }: Snapshot): readonly Difference[] {
  const { services } = whatIf(compileGraph(config), config, new Map(Object.entries(given)));
  const { causes, ...others } = expect;
  const expected = Object.entries(others).flatMap(([id, one]) => (Array.isArray(one) ? [] : [[id, one as ExpectedService] as const]));
  return expected.flatMap(([id, one]) => {
    const all = Array.isArray(causes) && !("causes" in one && one.causes !== undefined) ? { ...parts(one), causes } : parts(one);
    return serviceDifferences(`service ${id}`, all, services[id]);
  });
}

function storyDifferences(config: Config, story: Story): readonly Difference[] {
  const differences: Difference[] = [];
  rehearse(config, story, (moment, plant) => {
    const when = `at ${formatDuration(moment.at)}: `;
    const services = new Map(plant.services().map((service) => [service.id, service]));
    for (const [id, one] of Object.entries(moment.services)) {
      differences.push(...serviceDifferences(`${when}service ${id}`, parts(one), services.get(id)));
    }
    const now = story.start + moment.at;
    const assets = new Map(plant.assets(now).map((asset) => [asset.id, asset]));
    for (const [id, level] of Object.entries(moment.assets)) {
      const shown = assets.get(id)?.level ?? "unknown";
      const found = { level: shown, low: shown, high: shown };
      if (!meets(level, found)) differences.push({ what: `${when}asset ${id}`, expected: levelText(level), found: shown });
    }
    if (moment.alarms === undefined) return;
    const known = plant.alarms().filter(({ alarm, state }) => config.alarms[alarm] !== undefined && state !== "normal");
    differences.push(...alarmDifferences(`${when}alarms`, moment.alarms, known));
  });
  return differences;
}

interface Expected {
  readonly level?: ExpectedLevel | undefined;
  readonly causes?: readonly string[] | undefined;
  readonly why?: string | undefined;
}

function parts(expected: ExpectedService): Expected {
  if ("low" in expected || ("level" in expected && typeof expected.level === "string")) return { level: expected as ExpectedLevel };
  return expected as Expected;
}

function serviceDifferences(what: string, { level, causes, why }: Expected, found: Found | undefined): readonly Difference[] {
  if (found === undefined) return [{ what, expected: "to exist", found: "nothing" }];
  const differences: Difference[] = [];
  if (level !== undefined && !meets(level, found)) differences.push({ what, expected: levelText(level), found: foundText(found) });
  const blamed = (found.causes ?? []).join(", ");
  if (causes !== undefined && causes.join(", ") !== blamed)
    differences.push({ what: `${what}: causes`, expected: causes.join(", ") || "none", found: blamed || "none" });
  if (why !== undefined && found.why?.includes(why) !== true)
    differences.push({ what: `${what}: why`, expected: `...${why}...`, found: found.why ?? "" });
  return differences;
}

function meets(expected: ExpectedLevel, { level, low, high }: Found): boolean {
  return "level" in expected ? expected.level === level : expected.low === low && expected.high === high;
}

const levelText = (expected: ExpectedLevel): string => ("level" in expected ? expected.level : `${expected.low}..${expected.high}`);
const foundText = ({ low, high, level }: Found): string => (level === "unknown" ? `unknown, ${low}..${high}` : level);

/** Every expected alarm has to be there, and no other that is more than pending. */
function alarmDifferences(what: string, expected: readonly ExpectedAlarm[], found: readonly AlarmView[]): readonly Difference[] {
  const left = new Set(found);
  const missing = expected.filter((one) => {
    const match = [...left].find((alarm) => isAlarm(one, alarm));
    if (match !== undefined) left.delete(match);
    return match === undefined;
  });
  const others = [...left].filter(({ state }) => state !== "pending").map(alarmText);
  if (missing.length === 0 && others.length === 0) return [];
  return [{ what, expected: expected.map(expectedText).join("; ") || "none", found: found.map(alarmText).join("; ") || "none" }];
}

function isAlarm(expected: ExpectedAlarm, alarm: AlarmView): boolean {
  const { asset = alarm.asset, level = alarm.level, state = alarm.state, labels = {} } = expected;
  if (expected.state === undefined && alarm.state === "pending") return false;
  const labelled = Object.entries(labels).every(([name, value]) => alarm.labels[name] === value);
  return expected.alarm === alarm.alarm && asset === alarm.asset && level === alarm.level && state === alarm.state && labelled;
}

const alarmText = (alarm: AlarmView): string => `${alarm.alarm} (${seriesName(alarm)}) ${alarm.level} ${alarm.state}`;

function expectedText({ alarm, asset, level, state, labels }: ExpectedAlarm): string {
  const on = [...(asset === undefined ? [] : [asset]), ...Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`)];
  return `${alarm}${on.length === 0 ? "" : ` (${on.join(", ")})`}${level === undefined ? "" : ` ${level}`}${state === undefined ? "" : ` ${state}`}`;
}
