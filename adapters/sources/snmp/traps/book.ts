import { placeholder, type TrapNotification, type TrapProfile, type TrapVariable } from "../../../../config/trap-profile.ts";
import { type AssetEvent, eventLimits } from "../../../../core/asset-event.ts";
import { textOf, type Varbind } from "../decode.ts";
import type { Notification } from "./notification.ts";

/** What a notification means to people. */
export type Meaning = Pick<AssetEvent, "name" | "level" | "text" | "labels" | "values" | "origin">;

interface NamedVariable extends TrapVariable {
  readonly name: string;
}

type Values = Record<string, string>;

/** What the profiles know of notifications and of the variables that they carry. */
export class TrapBook {
  readonly #notifications = new Map<string, TrapNotification>();
  readonly #variables = new Map<string, NamedVariable>();

  constructor(profiles: readonly TrapProfile[]) {
    for (const { notifications, variables } of profiles) {
      for (const one of notifications) this.#notifications.set(one.oid, one);
      for (const [name, variable] of Object.entries(variables)) this.#variables.set(variable.oid, { ...variable, name });
    }
  }

  /** Never throws: what nobody knows is told by its numbers. */
  meaningOf({ oid, varbinds }: Notification): Meaning {
    const values = this.#valuesOf(varbinds);
    const known = spellings(oid).flatMap((spelling) => this.#notifications.get(spelling) ?? []);
    const [first] = known;
    if (first === undefined) return { name: oid, level: "unknown", text: cut(unknownText(oid, values)), labels: {}, values, origin: oid };
    const { name, level, text, labels } = first;
    return {
      name,
      level: typeof level === "string" ? level : (ownOf(level.when, values[level.of]) ?? level.otherwise),
      text: cut(fill(text, values)),
      labels: Object.fromEntries(Object.entries(labels).flatMap(([label, from]) => (values[from] ? [[label, values[from]]] : []))),
      values,
      origin: oid,
    };
  }

  /** By name, the first of each name; further ones, and those that nobody knows, by their OID. */
  #valuesOf(varbinds: readonly Varbind[]): Values {
    const values: Values = Object.create(null);
    for (const varbind of varbinds.slice(0, eventLimits.values)) {
      const variable = this.#variableOf(varbind.oid);
      const text = textOf(varbind) ?? "";
      const key = variable === undefined || variable.name in values ? varbind.oid : variable.name;
      values[key] = (variable === undefined ? text : (ownOf(variable.states, text) ?? text)).slice(0, eventLimits.value);
    }
    return { ...values };
  }

  /** The variable of an instance: the OID itself, or the nearest one above it. */
  #variableOf(oid: string): NamedVariable | undefined {
    for (let end = oid.length; end > 0; end = oid.lastIndexOf(".", end - 1)) {
      const found = this.#variables.get(oid.slice(0, end));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/**
 * One notification has two OIDs: a v1 sender drops the last number but one where that is 0, and whoever translates puts a 0 there whether
 * one was dropped or not (RFC 3584 §3.1 and §3.2).
 */
function spellings(oid: string): string[] {
  const last = oid.lastIndexOf(".");
  const head = oid.slice(0, last);
  return [oid, head.endsWith(".0") ? `${head.slice(0, -2)}${oid.slice(last)}` : `${head}.0${oid.slice(last)}`];
}

function ownOf<V>(of: Readonly<Record<string, V>>, key: string | undefined): V | undefined {
  return key !== undefined && Object.hasOwn(of, key) ? of[key] : undefined;
}

function fill(text: string, values: Values): string {
  return text.replace(placeholder, (_, names: string) => {
    const found = names.split("|").find((name) => values[name]);
    return (found === undefined ? undefined : values[found]) ?? "?";
  });
}

function unknownText(oid: string, values: Values): string {
  const told = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
  return told.length === 0 ? oid : `${oid}: ${told.join(", ")}`;
}

function cut(text: string): string {
  return text.length <= eventLimits.text ? text : `${text.slice(0, eventLimits.text - 1)}…`;
}
