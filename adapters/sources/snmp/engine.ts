import type { Clock } from "../../../core/clock.ts";
import { SourceError } from "../../../core/errors.ts";
import type { Answer } from "./answer.ts";
import { answerIn, type Channel, type Question, writer } from "./channel.ts";
import { pduTag } from "./envelope.ts";
import { Exchange, type ExchangeOptions } from "./exchange.ts";
import { Refusal } from "./faults.ts";
import { type AuthName, MessageSigner } from "./hmac.ts";
import { type KeyRing, privacyKey } from "./keys.ts";
import type { Pdu } from "./pdu.ts";
import { createPrivacy, type EngineTime, type PrivacyName, privacyKinds } from "./privacy.ts";
import { flag, type Keys, Refused, readSecureMessage, type SecureMessage, writeSecureMessage } from "./usm.ts";

export interface User {
  readonly name: string;
  readonly context: string;
  readonly auth?: { readonly protocol: AuthName; readonly key: string };
  readonly privacy?: { readonly protocol: PrivacyName; readonly key: string };
}

export interface SecureOptions extends ExchangeOptions {
  readonly version: 3;
  readonly user: User;
  readonly ring: KeyRing;
  readonly clock: Clock;
  /** Told of an engine when it is met. */
  readonly met: (engine: Buffer) => void;
}

/** What is known of the engine that answers for a device. */
interface Engine {
  readonly id: Buffer;
  readonly keys: Keys;
  boots: number;
  /** Its seconds since its last boot, at the moment `at` of our monotonic clock. */
  time: number;
  at: number;
}

const nobody = Buffer.alloc(0);
export const noKeys: Keys = { signer: undefined, privacy: undefined };
/** snmpEngineTime ends there (RFC 3414 §2.2.1). */
const lastSecond = 0x7fff_ffff;
/** How often one request is sent anew because the engine is not what we thought it was. */
const maxHealings = 2;
/** RFC 3411 §5, SnmpEngineID. */
export const engineIdBytes = { min: 5, max: 32 } as const;

/** usmStats (RFC 3414 §5), by the last arc but one of 1.3.6.1.6.3.15.1.1.N.0. */
const reports = {
  1: "Unsupported Security Level",
  2: "Not In Time Window",
  3: "Unknown User Name",
  4: "Unknown Engine ID",
  5: "Wrong Digest (a wrong user or key)",
  6: "Decryption Error",
} as const;
export const usmStats = "1.3.6.1.6.3.15.1.1.";

/** SNMPv3 with the user-based security model (RFC 3414): finds the engine, keeps its time, and notices when it is another. */
export class SecureChannel implements Channel {
  readonly #options: SecureOptions;
  readonly #exchange: Exchange;
  readonly #user: Buffer;
  readonly #context: Buffer;
  #engine: Engine | undefined;
  /** Ends the discovery under way. */
  #giveUp: (error: SourceError) => void = () => {};

  constructor(options: SecureOptions) {
    this.#options = options;
    this.#exchange = new Exchange(options);
    this.#user = Buffer.from(options.user.name);
    this.#context = Buffer.from(options.user.context);
  }

  ask(ask: Question): Promise<Answer> {
    return this.#ask(ask, 0);
  }

  cancel(error: SourceError): void {
    this.#giveUp(error);
    this.#exchange.cancel(error);
  }

  close(error: SourceError): void {
    this.#giveUp(error);
    this.#exchange.close(error);
  }

  /** `healed` times the engine was found to be another. */
  #ask(ask: Question, healed: number): Promise<Answer> {
    if (this.#engine === undefined) return this.#discover(ask.retries).then((engine) => this.#askEngine(engine, ask, healed));
    return this.#askEngine(this.#engine, ask, healed);
  }

  #askEngine(engine: Engine, ask: Question, healed: number): Promise<Answer> {
    const id = this.#options.socket.newId();
    const bytes = writeSecureMessage(writer, {
      engine: engine.id,
      at: this.#timeOf(engine),
      user: this.#user,
      context: this.#context,
      keys: engine.keys,
      ask: { id, kind: ask.kind, names: ask.names, repetitions: ask.repetitions },
    });
    return this.#exchange.run({
      id,
      bytes,
      retries: ask.retries,
      read: (answer) => answerIn(this.#read(answer, id, engine).pdu, ask, this.#options.target),
      recover: (error) => (this.#heal(engine, error) && healed < maxHealings ? this.#ask(ask, healed + 1) : Promise.reject(error)),
    });
  }

  #read(bytes: Buffer, id: number, engine: Engine): SecureMessage {
    const message = readSecureMessage(bytes, engine.keys);
    if (message.pdu.kind === pduTag.report) throw new Reported(message, this.#options.target);
    if (message.pdu.kind !== pduTag.response) throw new Refused(`PDU 0x${message.pdu.kind.toString(16)} as answer`);
    if (message.pdu.id !== id) throw new Refused("an answer to another request");
    if (!message.engine.equals(engine.id)) throw new Refused("an answer of another engine");
    if (!message.user.equals(this.#user)) throw new Refused("an answer to another user");
    this.#keepTime(engine, message);
    return message;
  }

  /** Makes ready for another try; false where it would end as this one did. */
  #heal(engine: Engine, error: SourceError): boolean {
    if (error instanceof Refusal) return false;
    if (error instanceof Reported) return this.#healReported(engine, error);
    // Whoever is silent may be another by the next time.
    this.#engine = undefined;
    return false;
  }

  #timeOf({ boots, time, at }: Engine): EngineTime {
    return { boots, time: Math.min(lastSecond, time + Math.floor((this.#options.clock.monotonic() - at) / 1000)) };
  }

  /**
   * Takes the engine's time as an authenticated message says it is, backward too: the message carries an id that nobody
   * could guess and that is used once, so it is fresh, whatever its clock says. A clock that stalls and a boot that was
   * not counted need nothing else.
   */
  #keepTime(engine: Engine, { flags, at }: SecureMessage): void {
    if ((flags & flag.authenticated) === 0) return;
    engine.boots = at.boots;
    engine.time = at.time;
    engine.at = this.#options.clock.monotonic();
  }

  #healReported(engine: Engine, { report, told }: Reported): boolean {
    if (report === 2 && (told.flags & flag.authenticated) !== 0) {
      this.#keepTime(engine, told);
      return true;
    }
    if (report !== 2 && report !== 4) return false;
    this.#engine = undefined;
    return true;
  }

  /** The engine as it is found; ends when it is cancelled also while keys are made, when no request is under way that could be. */
  #discover(retries: number | undefined): Promise<Engine> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#meet(retries).then(resolve, reject);
    });
  }

  /** Asks the engine for its id and time (RFC 3414 §4), and localises the keys to it. */
  async #meet(retries: number | undefined): Promise<Engine> {
    const { socket, target, clock, met } = this.#options;
    const id = socket.newId();
    const bytes = writeSecureMessage(writer, {
      engine: nobody,
      at: { boots: 0, time: 0 },
      user: nobody,
      context: nobody,
      keys: noKeys,
      ask: { id, kind: pduTag.get, names: [], repetitions: 0 },
    });
    const { engine, at } = await this.#exchange.run({ id, bytes, read: (answer) => readSecureMessage(answer, undefined), retries });
    if (engine.length < engineIdBytes.min || engine.length > engineIdBytes.max)
      throw new SourceError("malformed", `${target}: an engine id of ${engine.length} bytes`);
    const arrived = clock.monotonic();
    const keys = await localisedKeys(this.#options, engine);
    met(engine);
    this.#engine = { id: engine, keys, boots: at.boots, time: at.time, at: arrived };
    return this.#engine;
  }
}

/** What secures messages of a user to or from this engine. */
export async function localisedKeys({ user, ring }: { readonly user: User; readonly ring: KeyRing }, engine: Buffer): Promise<Keys> {
  if (user.auth === undefined) return noKeys;
  const hash = user.auth.protocol;
  const signer = new MessageSigner(hash, await ring.localise(hash, user.auth.key, engine));
  if (user.privacy === undefined) return { signer, privacy: undefined };
  const { protocol, key: passphrase } = user.privacy;
  const { keyLength: length, extension } = privacyKinds[protocol];
  const key = await privacyKey(ring, { hash, passphrase, engine, length, extension });
  return { signer, privacy: createPrivacy(protocol, key) };
}

/** The engine did not take a request, and said why. */
class Reported extends SourceError {
  readonly told: SecureMessage;
  readonly report: keyof typeof reports | undefined;

  constructor(told: SecureMessage, target: string) {
    const report = reportOf(told.pdu);
    const what = report === undefined ? "a report of unknown meaning" : reports[report];
    super(report === undefined || report === 2 || report === 4 ? "device" : "denied", `${target}: ${what}`);
    this.told = told;
    this.report = report;
  }
}

/** Which usmStats counter a report names; undefined where it names none of them. */
function reportOf({ answer }: Pdu): keyof typeof reports | undefined {
  if (answer.count === 0) return undefined;
  const { oid } = answer.varbind(0);
  const number = Number(oid.startsWith(usmStats) ? oid.slice(usmStats.length).split(".")[0] : Number.NaN);
  return number in reports ? (number as keyof typeof reports) : undefined;
}
