import type { ExpectedLevel, ExpectedService, Snapshot, Story } from "../../config/rules-test.ts";
import type { Config } from "../../config/schema.ts";
import { formatDuration } from "../../config/values.ts";
import type { Plant } from "../plant.ts";
import { compileGraph } from "../services/graph.ts";
import { whatIf } from "../services/what-if.ts";
import { actDifferences, alarmDifferences } from "./alarm-verdict.ts";
import type { Difference } from "./difference.ts";
import { ackDifferences, incidentDifferences } from "./incident-verdict.ts";
import type { ToldNews } from "./messenger.ts";
import { notificationDifferences } from "./news-verdict.ts";
import { rehearse } from "./rehearse.ts";

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
  let told: ToldNews[] = [];
  rehearse(config, story, {
    act(act, { plant, incidents }) {
      const now = story.start + act.at;
      differences.push(...(act.incident === undefined ? actDifferences(act, plant, now) : ackDifferences(act, { plant, incidents }, now)));
    },
    told: (news) => told.push(news),
    moment(moment, { plant, incidents }) {
      const when = `at ${formatDuration(moment.at)}: `;
      differences.push(...momentDifferences(config, { moment, plant, now: story.start + moment.at }));
      if (moment.incidents !== undefined)
        differences.push(...incidentDifferences(`${when}incidents`, moment.incidents, incidents.incidents()));
      if (moment.notifications === undefined) return;
      differences.push(...notificationDifferences(`${when}notifications`, moment.notifications, told));
      told = [];
    },
  });
  return differences;
}

function momentDifferences(
  config: Config,
  { moment, plant, now }: { moment: Story["expect"][number]; plant: Plant; now: number },
): readonly Difference[] {
  const when = `at ${formatDuration(moment.at)}: `;
  const services = new Map(plant.services().map((service) => [service.id, service]));
  const assets = new Map(plant.assets(now).map((asset) => [asset.id, asset]));
  const differences = Object.entries(moment.services).flatMap(([id, one]) =>
    serviceDifferences(`${when}service ${id}`, parts(one), services.get(id)),
  );
  for (const [id, level] of Object.entries(moment.assets)) {
    const shown = assets.get(id)?.level ?? "unknown";
    const found = { level: shown, low: shown, high: shown };
    if (!meets(level, found)) differences.push({ what: `${when}asset ${id}`, expected: levelText(level), found: shown });
  }
  if (moment.alarms === undefined) return differences;
  const known = plant.alarms(true).filter(({ alarm }) => config.alarms[alarm] !== undefined);
  return [...differences, ...alarmDifferences(`${when}alarms`, moment.alarms, known)];
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
