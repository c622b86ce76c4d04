import type { SnmpHead } from "../../../config/snmp.ts";
import { textOf } from "./decode.ts";
import { detect, findPresent, fits, type Identity, reads } from "./detect.ts";
import { isAbsent, type Requests } from "./requests.ts";

const sysDescr = "1.3.6.1.2.1.1.1.0";
const sysObjectId = "1.3.6.1.2.1.1.2.0";
const sysName = "1.3.6.1.2.1.1.5.0";

/** What a device says it is, and how it is called. */
export interface SelfPortrait extends Identity {
  readonly sysName: string | undefined;
}

export async function askIdentity(requests: Pick<Requests, "get">): Promise<SelfPortrait> {
  const [descr, id, name] = await requests.get([sysDescr, sysObjectId, sysName]);
  const read = (varbind: typeof descr): string | undefined => (varbind === undefined || isAbsent(varbind) ? undefined : textOf(varbind));
  return { sysDescr: read(descr), sysObjectId: read(id), sysName: read(name) };
}

/** Whether a profile is polled under `profile: auto`, and why. */
export interface Match {
  readonly profile: string;
  readonly matches: boolean;
  readonly why: string;
}

/** What `profile: auto` makes of a device, profile by profile: those that match first, in their order of precedence. */
export async function explainMatches(
  requests: Pick<Requests, "getNext">,
  identity: Identity,
  heads: readonly SnmpHead[],
): Promise<readonly Match[]> {
  const chosen = await detect(requests, identity, heads);
  const candidates = heads.filter(({ match }) => match !== undefined && fits(match.sys_object_id, identity.sysObjectId));
  const present = await findPresent(requests, [...new Set(candidates.flatMap(({ match }) => match?.present ?? []))]);
  const rest = heads.filter((head) => !chosen.includes(head));
  return [
    ...chosen.map((head) => ({ profile: head.profile, matches: true, why: whyChosen(head, identity, present) })),
    ...rest.map((head) => ({ profile: head.profile, matches: false, why: whyNot(head, { identity, present, chosen }) })),
  ];
}

function whyChosen({ match }: SnmpHead, { sysObjectId: id }: Identity, present: ReadonlySet<string>): string {
  const patterns = match?.sys_object_id?.filter((pattern) => fits([pattern], id)) ?? [];
  const found = match?.present?.filter((probe) => present.has(probe)) ?? [];
  return [
    ...(patterns.length === 0 ? [] : [`sysObjectID ${id} is ${patterns.join(", ")}`]),
    ...(match?.sys_descr === undefined ? [] : [`sysDescr reads as /${match.sys_descr}/`]),
    ...(found.length === 0 ? [] : [`it has ${found.join(", ")}`]),
  ].join("; ");
}

function whyNot(
  { profile, match }: SnmpHead,
  { identity, present, chosen }: { identity: Identity; present: ReadonlySet<string>; chosen: readonly SnmpHead[] },
): string {
  if (match === undefined) return "it is only polled where config names it";
  if (!fits(match.sys_object_id, identity.sysObjectId)) return `sysObjectID is none of ${match.sys_object_id?.join(", ")}`;
  if (!reads(match.sys_descr, identity.sysDescr)) return `sysDescr does not read as /${match.sys_descr}/`;
  if (match.present !== undefined && !match.present.some((probe) => present.has(probe)))
    return `it has none of ${match.present.join(", ")}`;
  const by = chosen.filter(({ replaces }) => replaces.includes(profile)).map((head) => head.profile);
  return `${by.join(", ")} takes its place`;
}
