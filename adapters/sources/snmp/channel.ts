import type { SourceError } from "../../../core/errors.ts";
import type { Answer } from "./answer.ts";
import { BerWriter } from "./ber.ts";
import { readCommunityMessage, writeCommunityMessage } from "./community.ts";
import { Exchange, type ExchangeOptions } from "./exchange.ts";
import { refusal } from "./faults.ts";
import { decodeOid } from "./oid.ts";
import type { Ask, Pdu } from "./pdu.ts";
import { Refused } from "./usm.ts";

/** What a channel is asked for. */
export interface Question extends Omit<Ask, "id"> {
  /** How often it is sent again, where that is not what the channel does otherwise. */
  readonly retries?: number;
}

/** Gets requests to a device and its answers back, whichever version it speaks. One call at a time. */
export interface Channel {
  /** The answer to this request. Rejects with SourceError; with Refusal where the device says no. */
  ask(ask: Question): Promise<Answer>;
  /** Ends what is under way with this error. */
  cancel(error: SourceError): void;
  close(error: SourceError): void;
}

/** All requests are written with it, one after another. */
export const writer = new BerWriter();

export interface CommunityOptions extends ExchangeOptions {
  readonly version: 0 | 1;
  readonly community: string;
}

/** v1 and v2c. */
export class CommunityChannel implements Channel {
  readonly #exchange: Exchange;
  readonly #options: CommunityOptions;
  readonly #community: Buffer;

  constructor(options: CommunityOptions) {
    this.#options = options;
    this.#community = Buffer.from(options.community);
    this.#exchange = new Exchange(options);
  }

  ask(ask: Question): Promise<Answer> {
    const id = this.#options.socket.newId();
    const bytes = writeCommunityMessage(
      writer,
      { version: this.#options.version, community: this.#community },
      { id, kind: ask.kind, names: ask.names, repetitions: ask.repetitions },
    );
    return this.#exchange.run({ id, bytes, read: (answer) => this.#read(answer, ask), retries: ask.retries });
  }

  cancel(error: SourceError): void {
    this.#exchange.cancel(error);
  }

  close(error: SourceError): void {
    this.#exchange.close(error);
  }

  #read(bytes: Buffer, ask: Question): Answer {
    const { community, pdu } = readCommunityMessage(bytes);
    if (this.#community.compare(community) !== 0) throw new Refused("an answer in another community");
    return answerIn(pdu, ask, this.#options.target);
  }
}

/** What a response says to a question. Throws Refusal where it says no. */
export function answerIn({ status, index, answer }: Pdu, { names }: Question, target: string): Answer {
  if (status === 0) return answer;
  const name = names[index - 1];
  const oid = name === undefined ? undefined : decodeOid(name.bytes, name.start, name.end);
  throw refusal({ target, status, index, ...(oid === undefined ? {} : { oid }) });
}
