import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { eventLevels } from "../core/asset-event.ts";
import { parseProfile } from "./profiles.ts";
import { oid } from "./snmp.ts";
import { labelName } from "./values.ts";

const valueName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "a variable's name, such as ifIndex");
const level = z.enum(eventLevels);

/** A variable that a notification carries: a scalar or a column, without the instance. */
const variable = z
  .union([oid, z.strictObject({ oid, states: z.record(z.string(), z.string().min(1)) })])
  .transform((found): TrapVariable => (typeof found === "string" ? { oid: found, states: {} } : found));
export interface TrapVariable {
  readonly oid: string;
  /** Names of its numbers, or of what else it says. */
  readonly states: Readonly<Record<string, string>>;
}

const notification = z.strictObject({
  /** As v2c sends it. Of v1 it is found with and without the 0 before its last number (RFC 3584 §3.1). */
  oid,
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, "a notification's name, such as linkDown"),
  /** How grave it is: always the same, or by the state of a variable that it carries. */
  level: z.union([level, z.strictObject({ of: valueName, when: z.record(z.string(), level), otherwise: level })]),
  /** For people. `{ifIndex}` is a variable, `{ifName|ifDescr|ifIndex}` the first of them that it carries. */
  text: z.string().min(1),
  /** Variables that the event, and the count of such traps, is labelled with. */
  labels: z.record(labelName, valueName).default({}),
});
export type TrapNotification = z.output<typeof notification>;

/** A file of config/profiles/traps. */
export const trapProfile = z
  .strictObject({
    profile: z.string().min(1),
    source: z.string().min(1).describe("the document or public file that the OIDs come from"),
    variables: z.record(valueName, variable).default({}),
    notifications: z.array(notification).min(1),
  })
  .superRefine(({ variables, notifications }, context) => {
    for (const [i, one] of notifications.entries()) {
      for (const { path, name } of namedIn(one)) {
        if (Object.hasOwn(variables, name)) continue;
        context.addIssue({ code: "custom", path: ["notifications", i, ...path], message: `${name} is none of this profile's variables` });
      }
    }
  });
export type TrapProfile = z.output<typeof trapProfile>;

/** A variable, or several of which the first that is there counts, in a notification's text. */
export const placeholder = /\{([A-Za-z0-9_|-]+)\}/g;

function namedIn({ level: of, text, labels }: TrapNotification): { path: string[]; name: string }[] {
  const inText = [...text.matchAll(placeholder)].flatMap(([, names = ""]) => names.split("|"));
  return [
    ...(typeof of === "string" ? [] : [{ path: ["level", "of"], name: of.of }]),
    ...inText.map((name) => ({ path: ["text"], name })),
    ...Object.entries(labels).map(([label, name]) => ({ path: ["labels", label], name })),
  ];
}

/** Every shipped profile of traps. Throws ConfigFaults. */
export function loadTrapProfiles(): readonly TrapProfile[] {
  const folder = fileURLToPath(new URL("./profiles/traps/", import.meta.url));
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return files.sort().map((file) => parseProfile(`${folder}${file}`, readFileSync(`${folder}${file}`, "utf8"), trapProfile));
}
