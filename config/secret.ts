import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";

/** A password, key or community that config names but does not contain. Prints as `<secret>` everywhere. */
export class Secret {
  readonly #reference: string;
  readonly #directory: string;

  /** `reference` is `file:PATH` (relative to `directory`, the folder of the config file) or `env:NAME`. */
  constructor(reference: string, directory: string) {
    this.#reference = reference;
    this.#directory = directory;
  }

  /** The value; trailing newlines of a file are not part of it. Throws with the reference's name, never with the value. */
  reveal(): string {
    const [kind, name] = split(this.#reference);
    if (kind === "literal") return name;
    if (kind === "env") {
      const value = process.env[name];
      if (value === undefined || value === "") throw new Error(`secret env:${name}: the environment has no such variable`);
      return value;
    }
    const path = resolve(this.#directory, name);
    try {
      return readFileSync(path, "utf8").replace(/[\r\n]+$/, "");
    } catch (cause) {
      throw new Error(`secret file:${name}: ${path} cannot be read`, { cause });
    }
  }

  /** The same secret, its path relative to this folder. */
  in(directory: string): Secret {
    return new Secret(this.#reference, directory);
  }

  /** True when both name the same secret; what it holds is not read. */
  same(other: Secret): boolean {
    return this.#reference === other.#reference && this.#directory === other.#directory;
  }

  toString(): string {
    return "<secret>";
  }

  toJSON(): string {
    return "<secret>";
  }

  [inspect.custom](): string {
    return "<secret>";
  }
}

function split(reference: string): [kind: string, name: string] {
  const colon = reference.indexOf(":");
  return [reference.slice(0, colon), reference.slice(colon + 1)];
}

/** Literal secrets are for tests only: they are taken where this variable is set. */
export const literalSecretsVariable = "MILLWRIGHT_LITERAL_SECRETS";

export const secretForms = "file:PATH or env:NAME";
export const literalSecret = `a secret is a reference, ${secretForms}, never the secret itself`;

/** What is wrong with a reference, or undefined. Never repeats it. */
export function secretFault(reference: string): string | undefined {
  if (/^(file|env):.+$/s.test(reference)) return undefined;
  if (/^literal:/.test(reference) && process.env[literalSecretsVariable] === "allow") return undefined;
  return literalSecret;
}
