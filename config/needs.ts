import type { Finding } from "./check.ts";
import type { Path } from "./fault.ts";
import { partsFaults } from "./need-parts.ts";
import { membersNeeded } from "./quorum.ts";
import { quote } from "./quote.ts";
import type { Content, Names } from "./references.ts";
import { selectorText } from "./selector.ts";
import type { Need } from "./services.ts";

interface NeedPlace {
  readonly need: Need;
  readonly path: Path;
  readonly names: Names;
  readonly assets: Content["assets"];
}

/** What is wrong with one need, given the assets there are. */
export function needFindings({ need, path, names, assets }: NeedPlace): Finding[] {
  if (need.kind === "service") return names.one("service", need.service, path);
  if (need.kind === "asset" || need.kind === "metric") return names.one("asset", need.asset, path);
  if (need.kind === "parts") return partsFindings(need, path, names);
  const members = names.members(need.members);
  if (members === undefined) return [];
  if (members.length === 0) return names.some(need.members, path);
  const faults = need.kind === "sum" ? sumFaults(need, members, assets) : quorumFaults(need, members.length);
  if (members.length < need.minMembers) faults.unshift(`finds ${counted(members.length)}, expected ${need.minMembers} or more`);
  return faults.map((message) => ({ path, spot: "value", message: `${selectorText(need.members)} ${message}` }));
}

function partsFindings(need: Extract<Need, { kind: "parts" }>, path: Path, names: Names): Finding[] {
  const unknown = need.parts.flatMap((part, i) => names.one(part.kind, part.id, [...path, "of", i]));
  return [...unknown, ...partsFaults(need).map((message): Finding => ({ path, spot: "value", message }))];
}

const counted = (count: number): string => `${count} asset${count === 1 ? "" : "s"}`;

function quorumFaults(need: Extract<Need, { kind: "members" }>, members: number): string[] {
  const least = membersNeeded(need.quorum, members);
  if (least > members) return [`finds ${counted(members)}, and ${least} of them are needed`];
  if (need.degradedBelow === undefined) return [];
  const degraded = membersNeeded(need.degradedBelow, members);
  if (degraded > members) return [`finds ${counted(members)}, and with fewer than ${degraded} the service is degraded: it always is`];
  return degraded < least ? [`is degraded below ${degraded}, but needs ${least}: the degraded state can never show`] : [];
}

function sumFaults(need: Extract<Need, { kind: "sum" }>, members: readonly string[], assets: Content["assets"]): string[] {
  const faults: string[] = [];
  let total = 0;
  for (const id of members) {
    const weight = assets[id]?.attributes[need.weight];
    if (typeof weight === "number") total += weight;
    else if (weight === undefined) faults.push(`finds ${id}, which has no attribute ${quote(need.weight)} to weigh by`);
    else faults.push(`finds ${id}, whose attribute ${quote(need.weight)} is ${quote(weight)}, not a number`);
  }
  if (faults.length > 0) return faults;
  if (total < need.atLeast) faults.push(`has a sum of ${total}, and at least ${need.atLeast} is needed`);
  if (need.degradedBelow !== undefined && need.degradedBelow < need.atLeast)
    faults.push(`is degraded below ${need.degradedBelow}, but needs ${need.atLeast}: the degraded state can never show`);
  if (need.degradedBelow !== undefined && need.degradedBelow > total)
    faults.push(`has a sum of ${total}, and below ${need.degradedBelow} the service is degraded: it always is`);
  return faults;
}
