import { indexUnder, matchesOid } from "./oid.ts";
import type { ProfilePlan } from "./plan.ts";
import { isAbsent, type Requests } from "./requests.ts";

/**
 * The profiles that a device matches, by its sysObjectID and by what it has: one GETNEXT for all probes. sysObjectID
 * alone is not enough: Synology, QNAP, Ubiquiti and Moxa devices among others say that they are plain net-snmp.
 */
export async function detect(
  requests: Requests,
  sysObjectId: string | undefined,
  plans: readonly ProfilePlan[],
): Promise<readonly ProfilePlan[]> {
  const candidates = plans.filter(({ match }) => match !== undefined && fits(match.sys_object_id, sysObjectId));
  const probes = [...new Set(candidates.flatMap(({ match }) => match?.present ?? []))];
  const present = new Set<string>();
  // One below the probe, so that a probe may name the very instance.
  const answers = probes.length === 0 ? [] : await requests.getNext(probes.map(before));
  for (const [i, probe] of probes.entries()) {
    const answer = answers[i];
    if (answer === undefined || isAbsent(answer)) continue;
    if (answer.oid === probe || indexUnder(probe, answer.oid) !== undefined) present.add(probe);
  }
  return candidates.filter(({ match }) => match?.present === undefined || match.present.some((probe) => present.has(probe)));
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
