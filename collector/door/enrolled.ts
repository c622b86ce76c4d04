import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { idPattern } from "../../config/values.ts";
import { readPublicKey } from "../../core/signature.ts";
import { Records } from "./records.ts";

const record = z.strictObject({
  /** SubjectPublicKeyInfo, base64. */
  key: z.string(),
  /** The key before a rotation: taken until the new one is used, since the answer to a rotation may be lost. */
  previous: z.string().optional(),
  /** Patterns of assets that it may speak for; without them, every asset that the config gives to no other agent. */
  assets: z.array(z.string()).optional(),
  enrolled: z.number(),
  rotated: z.number().optional(),
});
export type EnrolledRecord = z.output<typeof record>;

/** Longest name of an agent; it is a file's name here. */
const longestName = 128;

/** Agents that may send, with their public keys: one file each in `dir`. Revoked = gone. */
export class EnrolledAgents {
  readonly #records: Records<EnrolledRecord>;
  /** Keys by their text: reading one costs as much as using it. */
  readonly #keys = new Map<string, KeyObject>();

  constructor(dir: string) {
    this.#records = new Records(join(dir, "agents"), record);
  }

  get(name: string): EnrolledRecord | undefined {
    return isAgentName(name) ? this.#records.get(name) : undefined;
  }

  names(): readonly string[] {
    return this.#records.ids();
  }

  /** False where an agent of this name is enrolled already. */
  add(name: string, enrolled: EnrolledRecord): boolean {
    return isAgentName(name) && this.#records.create(name, enrolled);
  }

  replace(name: string, enrolled: EnrolledRecord): void {
    if (isAgentName(name)) this.#records.replace(name, enrolled);
  }

  revoke(name: string): boolean {
    return isAgentName(name) && this.#records.remove(name);
  }

  /** The public key; throws where its text is none. */
  key(text: string): KeyObject {
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = readPublicKey(text);
      if (this.#keys.size > 10_000) this.#keys.clear();
      this.#keys.set(text, key);
    }
    return key;
  }
}

export function isAgentName(name: string): boolean {
  return name.length <= longestName && idPattern.test(name);
}

/** True when one of the patterns, in which `*` stands for any text, is the whole of the id. */
export function matchesAny(patterns: readonly string[], id: string): boolean {
  return patterns.some((pattern) => matches(pattern.split("*"), id));
}

// No regular expression is made of foreign text: parts are looked for one after the other.
function matches([first = "", ...rest]: readonly string[], id: string): boolean {
  const last = rest.pop();
  if (last === undefined) return id === first;
  if (!id.startsWith(first) || id.length < first.length + last.length || !id.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = id.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= id.length - last.length;
}
