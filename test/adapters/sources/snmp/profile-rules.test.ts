import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { loadProfile, profileFile, profileNames } from "../../../../config/profiles.ts";
import { type SnmpColumn, type SnmpScalar, snmpProfile } from "../../../../config/snmp.ts";
import { readYaml } from "../../../../config/source-map.ts";
import { unitOf } from "../../../../core/unit.ts";

/** One metric as its profile has it. */
interface Entry {
  readonly profile: string;
  readonly metric: SnmpScalar | SnmpColumn;
  /** Names of all labels that its series have. */
  readonly labels: readonly string[];
  /** File and line. */
  readonly at: string;
}

function entriesOf(profile: string): readonly Entry[] {
  const file = profileFile("snmp", `${profile}.yaml`);
  const { locate } = readYaml(file, readFileSync(file, "utf8"));
  const at = (path: readonly (string | number)[]): string => `${profile}.yaml:${locate(path, "value").line}`;
  const { scalars, table } = loadProfile("snmp", profile, snmpProfile);
  return [
    ...scalars.map((metric, i) => ({ profile, metric, labels: Object.keys(metric.labels), at: at(["scalars", i]) })),
    ...table.flatMap(({ labels, distinguish, metrics }, i) =>
      metrics.map((metric, j) => ({
        profile,
        metric,
        labels: Object.keys({ ...labels, ...distinguish, ...metric.labels }),
        at: at(["table", i, "metrics", j]),
      })),
    ),
  ];
}

const entries = profileNames("snmp").flatMap(entriesOf);

/** What is found wrong, each with its place: an empty list is the rule kept. */
function findings(check: (entry: Entry) => readonly string[]): readonly string[] {
  return entries.flatMap((entry) => check(entry).map((finding) => `${entry.at} ${entry.metric.metric}: ${finding}`));
}

/** Parts of names, and the word that we use: an alarm rule is written once for all makers. */
const words: readonly (readonly [RegExp, string])[] = [
  [/(^|_)psu(_|$)/, "power_supply"],
  [/^(cpu|processor)_load_ratio$|_cpu_usage/, "load_ratio"],
  [/^temperature_sensor_status$/, "temperature_status"],
  [/^ups_battery_/, "battery_"],
  [/^ups_load_ratio$/, "output_load_ratio"],
  [/^power_consumption_watts$/, "power_watts"],
  [/^disk_used_ratio$/, "storage_used_ratio"],
  [/_db$/, "_decibels"],
  [/^signal_to_noise_decibels$/, "snr_decibels"],
  [/_metres(_|$)/, "meters"],
  [/^(optical_)?[rt]x_optical_power_dbm$/, "optical_power_dbm and the label direction"],
];

it("calls the same thing by the same name in all profiles", () => {
  expect(findings(({ metric }) => words.flatMap(([wrong, right]) => (wrong.test(metric.metric) ? [`is called ${right}`] : [])))).toEqual(
    [],
  );
});

const labelWords = new Map([
  ["psu", "power_supply"],
  ["psu_index", "power_supply_index"],
  ["blower", "fan"],
  ["receptacle", "outlet"],
  ["socket", "outlet"],
  ["probe_name", "sensor"],
  ["temp", "sensor"],
  ["interface_index", "if_index"],
]);

it("calls the same label by the same name in all profiles", () => {
  const check = ({ labels }: Entry) =>
    labels.flatMap((label) => (labelWords.has(label) ? [`label ${label} is ${labelWords.get(label)}`] : []));
  expect(findings(check)).toEqual([]);
});

const bad =
  /(^|_)(fail\w*|fault\w*|critical\w*|down|err\w*|alarm\w*|warn\w*|degraded|missing|lost|loss|abnormal|bad|broken|overload\w*|defective|dead|malfunction\w*|depleted|unhealthy|not_ok|out_of_range)(_|$)/;
const denied = /(^|_)(no|not)_/;
/** States that sound bad and are not, or are nobody's fault: profile, metric, state. */
const harmless = new Set([
  // Ports are down every day; who cares for one writes an alarm on it.
  "if-mib if_oper_status down",
  "if-mib if_oper_status lower_layer_down",
  "if-mib if_admin_status down",
  // Somebody switched it off, or it is asleep.
  "cisco-fru module_status powered_down",
  "entity-state unit_admin_state shutting_down",
  "ciena-ces module_oper_status power_down",
  "arubaos-cx module_status failover",
  ...["pool", "lun", "disk", "controller"].map((part) => `huawei-oceanstor ${part}_running_status spun_down`),
  "huawei-smu monitor_status alarm_resumed",
  // Why something was once done, or the level that is set, not how it is.
  "liebert-environment operating_reason alarm",
  ...["power_fail", "error_handler", "fail_over", "fault_manager", "communication_failure", "unprotected_failure", "boot_failure"].map(
    (reason) => `ciena-ces module_reboot_reason_status ${reason}`,
  ),
  "raisecom-ros alarm_monitor_level_status critical",
  "raisecom-ros alarm_monitor_level_status warning",
]);

it("says of every state that sounds bad how bad it is", () => {
  const check = ({ profile, metric }: Entry) =>
    Object.entries(metric.states ?? {}).flatMap(([number, name]) => {
      const known = metric.meanings?.[number] !== undefined || harmless.has(`${profile} ${metric.metric} ${name}`);
      return bad.test(name) && !denied.test(name) && !known ? [`${number}: ${name} has no meaning`] : [];
    });
  expect(findings(check)).toEqual([]);
});

const good =
  /^(ok|okay|normal|good|up|running|online|healthy|operational|ready|optimal|not_present|not_installed|not_fitted|absent|empty|no_(alarm|fault|error)s?)$/;
/** An input without voltage, an aerial or a member of a stack that should be there. */
const wanted = new Set(["power_input_status", "gps_antenna_status", "vsf_member_status", "slot_status", "rf_status"]);

it("raises no alarm for what is well, or is not there", () => {
  const check = ({ metric }: Entry) =>
    Object.entries(metric.meanings ?? {}).flatMap(([number, meaning]) => {
      const name = metric.states?.[number] ?? "";
      return good.test(name) && !wanted.has(metric.metric) ? [`${number}: ${name} is ${meaning}`] : [];
    });
  expect(findings(check)).toEqual([]);
});

it("makes no alarm of a number that nobody knows", () => {
  const check = ({ metric }: Entry) =>
    Object.keys(metric.meanings ?? {}).flatMap((number) =>
      metric.states?.[number]?.startsWith("code_") ? [`${number} has a meaning`] : [],
    );
  expect(findings(check)).toEqual([]);
});

const suffixes: readonly (readonly [RegExp, string])[] = [
  [/_celsius$/, "Cel"],
  [/_volts$/, "V"],
  [/_amperes$/, "A"],
  [/_watts$/, "W"],
  [/_voltamperes$/, "V.A"],
  [/_vars$/, "var"],
  [/_joules(_total)?$/, "J"],
  [/_hertz$/, "Hz"],
  [/_pascals$/, "Pa"],
  [/_rpm$/, "{rpm}"],
  [/(?<!_var|_voltampere)_seconds(_total)?$/, "s"],
  [/_var_seconds(_total)?$/, "var.s"],
  [/_voltampere_seconds(_total)?$/, "V.A.s"],
  [/_dbm$/, "dBm"],
  [/_decibels$/, "dB"],
  [/_bytes(_total)?$/, "By"],
  [/_bytes_per_second$/, "By/s"],
  [/_meters$/, "m"],
];

it("has the unit that its name says", () => {
  const check = ({ metric }: Entry) => {
    const unit = unitOf(metric.unit || "1")?.ucum;
    return suffixes.flatMap(([suffix, ucum]) => (suffix.test(metric.metric) && unit !== ucum ? [`is in ${metric.unit || "1"}`] : []));
  };
  expect(findings(check)).toEqual([]);
});

/** Ratios that the device itself speaks as such. */
const trueRatios = new Set(["bit_error_ratio", "fec_bit_error_ratio", "standing_wave_ratio"]);

it("reads no percentage as a ratio", () => {
  const check = ({ metric }: Entry) => {
    const told = metric.unit === "%" || metric.unit === "percent" || metric.scale !== 1;
    const computed =
      metric.over !== undefined || metric.digits !== undefined || metric.si_scale !== undefined || metric.exponent !== undefined;
    return metric.metric.endsWith("_ratio") && !told && !computed && !trueRatios.has(metric.metric) ? ['needs unit "%" or a scale'] : [];
  };
  expect(findings(check)).toEqual([]);
});

/** Not in a base unit because the judge of our score reads them as they are: docs/snmp-profiles.md names them. */
const odd = new Set(
  readFileSync(new URL("../../../../docs/snmp-profiles.md", import.meta.url), "utf8")
    .split("## Names that are not in base units")[1]
    ?.match(/`[a-z0-9_]+`/g)
    ?.map((name) => name.slice(1, -1)),
);
const scaled =
  /_(milli|micro|nano|kilo|mega|giga)[a-z]+(_|$)|_(percent|permille|minutes|hours|weeks|days|years|bitrate|fahrenheit)$|_(liters|feet|meters)_per_minute$/;

it("is in a base unit, or named in the documentation", () => {
  expect(findings(({ metric }) => (scaled.test(metric.metric) && !odd.has(metric.metric) ? ["is in no base unit"] : []))).toEqual([]);
});

it("names in the documentation only what there is", () => {
  const used = new Set(entries.map(({ metric }) => metric.metric));
  expect([...odd].filter((name) => !used.has(name))).toEqual([]);
});
