import type { KeyObject } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf, messageOf } from "../core/errors.ts";
import { newPrivateKey, publicKeyOf, readPrivateKey } from "../core/signature.ts";

/** The agent's private key cannot be used. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
}

interface Loaded {
  readonly key: KeyObject;
  /** Tells one content of the file from the next. */
  readonly stamp: string;
}

/**
 * An agent's Ed25519 key in a file of mode 0600. It is made here and never leaves. Between making a key and the collector's word that it
 * has it, the new one waits in `FILE.new`: an enrolment whose answer was lost goes on with the same key.
 */
export class Identity {
  readonly #file: string;
  #loaded: Loaded | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** The key; undefined where there is none. Read anew when the file changes: a rotation needs no restart. Throws IdentityError. */
  key(): KeyObject | undefined {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const stamp = `${found.ino} ${found.mtimeMs} ${found.size}`;
    if (this.#loaded?.stamp !== stamp) this.#loaded = { key: read(this.#file), stamp };
    return this.#loaded.key;
  }

  /** The key that is to be enrolled: the one of a try before, or a new one. */
  pending(): KeyObject {
    const file = this.#pendingFile;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
      write(file, newPrivateKey());
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw new IdentityError(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    return read(file);
  }

  /** The collector has the pending key: from now on it is the agent's. */
  accept(): void {
    renameSync(this.#pendingFile, this.#file);
  }

  /** The public half of the key, as the collector keeps it; undefined where there is none. */
  publicKey(): string | undefined {
    const key = this.key();
    return key === undefined ? undefined : publicKeyOf(key);
  }

  get #pendingFile(): string {
    return `${this.#file}.new`;
  }
}

/** Throws where there is a file already, so that two who enrol at once end with one key. */
function write(path: string, pem: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, pem);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** What is wrong with a key file is said without any of its content. */
function read(file: string): KeyObject {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new IdentityError(`${file} has mode ${mode.toString(8)}: others may read the agent's key (chmod 600, or enrol anew)`);
  try {
    return readPrivateKey(readFileSync(file, "utf8"));
  } catch {
    throw new IdentityError(`${file} holds no Ed25519 private key in PEM`);
  }
}
