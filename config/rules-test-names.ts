import { type Finding, unknownName } from "./check.ts";
import type { RulesFile, Snapshot, Story } from "./rules-test.ts";
import type { Config } from "./schema.ts";
import type { Step } from "./sequence.ts";

type Path = Finding["path"];

interface IncidentNames {
  readonly cause?: string | undefined;
  readonly service?: string | undefined;
  readonly causes?: readonly string[] | undefined;
  readonly services?: readonly string[] | undefined;
}

/** Names in a rules test that its config does not have, and words that mean nothing there. */
export function namesIn(test: RulesFile["tests"][number], path: Path, config: Config): Finding[] {
  const known = { asset: config.assets, service: config.services, alarm: config.alarms, channel: config.notify.channels };
  const named = (kind: keyof typeof known, name: string, at: Path): Finding[] => {
    const message = unknownName(kind, name, new Set(Object.keys(known[kind])));
    return message === undefined ? [] : [{ path: [...path, ...at], spot: at.at(-1) === name ? "key" : "value", message }];
  };
  const maybe = (kind: keyof typeof known, name: string | undefined, at: Path): Finding[] =>
    name === undefined ? [] : named(kind, name, at);
  const alarmNames = ({ alarm, asset }: { alarm?: string | undefined; asset?: string | undefined }, at: Path): Finding[] => [
    ...maybe("alarm", alarm, [...at, "alarm"]),
    ...maybe("asset", asset, [...at, "asset"]),
  ];
  const incidentNames = ({ cause, service, causes = [], services = [] }: IncidentNames, at: Path): Finding[] => [
    ...maybe("asset", cause, [...at, "cause"]),
    ...maybe("service", service, [...at, "service"]),
    ...causes.flatMap((asset, k) => named("asset", asset, [...at, "causes", k])),
    ...services.flatMap((one, k) => named("service", one, [...at, "services", k])),
  ];
  if ("given" in test) {
    return [
      ...Object.keys(test.given).flatMap((asset) => named("asset", asset, ["given", asset])),
      ...Object.keys(test.expect).flatMap((key) => (key === "causes" ? [] : named("service", key, ["expect", key]))),
      ...causesAlone(test, path),
    ];
  }
  return [
    ...Object.keys(test.levels).flatMap((asset) => named("asset", asset, ["levels", asset])),
    ...test.readings.flatMap(({ series }, i) => named("asset", series.asset, ["readings", i, "series"])),
    ...test.readings.flatMap((one, i) => stateNames(one, [...path, "readings", i, "values"])),
    ...test.expect.flatMap((moment, i) => [
      ...Object.keys(moment.services).flatMap((service) => named("service", service, ["expect", i, "services", service])),
      ...Object.keys(moment.assets).flatMap((asset) => named("asset", asset, ["expect", i, "assets", asset])),
      ...(moment.alarms ?? []).flatMap((one, j) => alarmNames(one, ["expect", i, "alarms", j])),
      ...(moment.incidents ?? []).flatMap((one, j) => incidentNames(one, ["expect", i, "incidents", j])),
      ...(moment.notifications ?? []).flatMap(({ to, ...one }, j) => [
        ...named("channel", to, ["expect", i, "notifications", j, "to"]),
        ...incidentNames(one, ["expect", i, "notifications", j]),
      ]),
    ]),
    ...test.acts.flatMap((one, i) => [
      ...alarmNames(one, ["acts", i]),
      ...(one.incident === undefined ? [] : incidentNames(one.incident, ["acts", i, "incident"])),
    ]),
    ...Object.entries(test.levels).flatMap(([asset, steps]) => levelWords(steps, [...path, "levels", asset])),
  ];
}

function causesAlone({ expect }: Snapshot, path: Path): Finding[] {
  const services = Object.keys(expect).filter((key) => key !== "causes");
  const lists = Object.entries(expect).filter(([key, value]) => Array.isArray(value) && key !== "causes");
  const wrong = lists.map(([key]): Finding => ({ path: [...path, "expect", key], spot: "value", message: "is a list, expected a level" }));
  if (expect["causes"] === undefined || services.length === 1) return wrong;
  const message = `says whose causes? ${services.length} services are expected: give each its own { level, causes }`;
  return [...wrong, { path: [...path, "expect", "causes"], spot: "key", message }];
}

function stateNames({ values, states }: Story["readings"][number], path: Path): Finding[] {
  const known = new Set(Object.values(states ?? {}));
  const words = new Set(values.flatMap((step) => (step.kind === "word" && !known.has(step.word) ? [step.word] : [])));
  return [...words].map((word) => ({ path, spot: "value", message: `${JSON.stringify(word)} is no number, and not one of \`states\`` }));
}

function levelWords(steps: readonly Step[], path: Path): Finding[] {
  const known: readonly string[] = ["ok", "warning", "major", "critical", "unknown"];
  const wrong = steps.flatMap((step) => (step.kind === "none" || (step.kind === "word" && known.includes(step.word)) ? [] : [step]));
  return wrong.slice(0, 1).map((step) => {
    const found = step.kind === "word" ? step.word : step.kind === "value" ? step.value : "bad";
    return { path, spot: "value", message: `${JSON.stringify(found)} is not one of ${known.join(", ")}, _` };
  });
}
