import type { SnmpHead } from "../../../config/snmp.ts";
import { indexUnder, matchesOid } from "./oid.ts";
import { isAbsent, type Requests } from "./requests.ts";

/** What a device says it is. */
export interface Identity {
  readonly sysObjectId: string | undefined;
  readonly sysDescr: string | undefined;
}

/** Most probes in one request: agents of small devices answer no more at a time. */
const probesAtOnce = 20;

/**
 * The profiles that a device matches, by what it says it is and by what it has: a GETNEXT for each 20 probes. sysObjectID
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

/** Those of the probes that are there. */
async function findPresent(requests: Pick<Requests, "getNext">, probes: readonly string[]): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  for (let first = 0; first < probes.length; first += probesAtOnce) {
    const asked = probes.slice(first, first + probesAtOnce);
    // One below the probe, so that a probe may name the very instance.
    const answers = await requests.getNext(asked.map(before));
    for (const [i, probe] of asked.entries()) {
      const answer = answers[i];
      if (answer === undefined || isAbsent(answer)) continue;
      if (answer.oid === probe || indexUnder(probe, answer.oid) !== undefined) present.add(probe);
    }
  }
  return present;
}

/** Length of the longest pattern that the device's sysObjectID matches; -1 where the profile names none. */
function specificity({ match }: SnmpHead, sysObjectId: string | undefined): number {
  const matching = (match?.sys_object_id ?? []).filter((pattern) => fits([pattern], sysObjectId));
  return Math.max(-1, ...matching.map((pattern) => pattern.length));
}

function reads(pattern: string | undefined, sysDescr: string | undefined): boolean {
  return pattern === undefined || (sysDescr !== undefined && new RegExp(pattern).test(sysDescr));
}

function fits(patterns: readonly string[] | undefined, sysObjectId: string | undefined): boolean {
  return patterns === undefined || (sysObjectId !== undefined && patterns.some((pattern) => matchesOid(pattern, sysObjectId)));
}

/** An OID whose successor is the probe itself or what is below it: the last sub-identifier less one, and far below that. */
function before(probe: string): string {
  const cut = probe.lastIndexOf(".");
  const last = Number(probe.slice(cut + 1));
  return last === 0 ? probe.slice(0, cut) : `${probe.slice(0, cut)}.${last - 1}.4294967295`;
}
