import type { SnmpHead } from "../../../config/snmp.ts";
import { compareOids, indexUnder, matchesOid } from "./oid.ts";
import { isAbsent, type Requests } from "./requests.ts";

/** What a device says it is. */
export interface Identity {
  readonly sysObjectId: string | undefined;
  readonly sysDescr: string | undefined;
}

/** Most probes in one request: agents of small devices answer no more at a time. */
const probesAtOnce = 20;

/**
 * The profiles that a device matches, by what it says it is and by what it has: a few GETNEXTs of up to 20 probes. sysObjectID
 * alone is not enough: Synology, QNAP, Ubiquiti and Moxa devices among others say that they are plain net-snmp. The order
 * is that of precedence where two read the same series: by how much of sysObjectID they name, then by name. Profiles that
 * another one replaces are left out.
 */
export async function detect<H extends SnmpHead>(
  requests: Pick<Requests, "getNext">,
  { sysObjectId, sysDescr }: Identity,
  choices: readonly H[],
): Promise<readonly H[]> {
  const candidates = choices.filter(
    ({ match }) => match !== undefined && fits(match.sys_object_id, sysObjectId) && reads(match.sys_descr, sysDescr),
  );
  const present = await findPresent(requests, [...new Set(candidates.flatMap(({ match }) => match?.present ?? []))]);
  const matching = candidates.filter(({ match }) => match?.present === undefined || match.present.some((probe) => present.has(probe)));
  const replaced = new Set(matching.flatMap(({ replaces }) => replaces));
  const precedence = new Map(matching.map((head) => [head, specificity(head, sysObjectId)]));
  return matching
    .filter(({ profile }) => !replaced.has(profile))
    .sort((a, b) => (precedence.get(b) ?? 0) - (precedence.get(a) ?? 0) || (a.profile < b.profile ? -1 : 1));
}

/** Those of the probes that are there. An answer says of all probes between the one asked and itself that they are not. */
export async function findPresent(requests: Pick<Requests, "getNext">, probes: readonly string[]): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  let open = [...probes].sort(compareOids);
  while (open.length > 0) {
    const asked = spread(open, probesAtOnce);
    // One below the probe, so that a probe may name the very instance.
    const answers = await requests.getNext(asked.map(before));
    for (const [i, probe] of asked.entries()) {
      const found = answers[i];
      const next = found === undefined || isAbsent(found) ? undefined : found.oid;
      for (const one of open) if (next !== undefined && isAt(one, next)) present.add(one);
      open = open.filter((one) => one !== probe && !isSettled(one, probe, next));
    }
  }
  return present;
}

/** So many of them at even distances, the first among them. */
function spread(sorted: readonly string[], count: number): readonly string[] {
  const step = Math.max(1, sorted.length / count);
  return sorted.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

const isAt = (probe: string, oid: string): boolean => oid === probe || indexUnder(probe, oid) !== undefined;

/** True where what follows `asked` says whether another probe is there; nothing follows it where that is undefined. */
function isSettled(probe: string, asked: string, next: string | undefined): boolean {
  if (compareOids(probe, asked) < 0) return false;
  // An agent that goes backward says nothing of others.
  return next === undefined || (compareOids(next, asked) >= 0 && (isAt(probe, next) || compareOids(probe, next) < 0));
}

/** Length of the longest pattern that the device's sysObjectID matches; -1 where the profile names none. */
function specificity({ match }: SnmpHead, sysObjectId: string | undefined): number {
  const matching = (match?.sys_object_id ?? []).filter((pattern) => fits([pattern], sysObjectId));
  return Math.max(-1, ...matching.map((pattern) => pattern.length));
}

/** True where a profile asks for no description, or this one is of the kind. */
export function reads(pattern: string | undefined, sysDescr: string | undefined): boolean {
  return pattern === undefined || (sysDescr !== undefined && new RegExp(pattern).test(sysDescr));
}

/** True where a profile asks for no sysObjectID, or this one is among them. */
export function fits(patterns: readonly string[] | undefined, sysObjectId: string | undefined): boolean {
  return patterns === undefined || (sysObjectId !== undefined && patterns.some((pattern) => matchesOid(pattern, sysObjectId)));
}

/** An OID whose successor is the probe itself or what is below it: the last sub-identifier less one, and far below that. */
function before(probe: string): string {
  const cut = probe.lastIndexOf(".");
  const last = Number(probe.slice(cut + 1));
  return last === 0 ? probe.slice(0, cut) : `${probe.slice(0, cut)}.${last - 1}.4294967295`;
}
