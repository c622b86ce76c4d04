import { SourceError } from "../../../core/errors.ts";
import { Q, type Quality } from "../../../core/quality.ts";

interface Meaning {
  readonly name: string;
  readonly quality: Quality;
}

/** Exception codes and what they make of a reading (Modbus Application Protocol V1.1b3 §7). */
const meanings: Readonly<Record<number, Meaning>> = {
  1: { name: "illegal function", quality: Q.BadNotSupported },
  2: { name: "illegal data address", quality: Q.BadNotFound },
  3: { name: "illegal data value", quality: Q.BadNotFound },
  4: { name: "server device failure", quality: Q.BadDeviceFailure },
  5: { name: "acknowledge", quality: Q.BadResourceUnavailable },
  6: { name: "server device busy", quality: Q.BadResourceUnavailable },
  8: { name: "memory parity error", quality: Q.BadDeviceFailure },
  10: { name: "gateway path unavailable", quality: Q.BadNoCommunication },
  11: { name: "gateway target device failed to respond", quality: Q.BadNoCommunication },
};

/** The unit, or the gateway before it, answered with an exception. */
export class ExceptionReply extends SourceError {
  readonly code: number;
  /** What stands before the exception in the message. */
  readonly context: string;
  readonly #quality: Quality;

  constructor(code: number, context = "") {
    const meaning = meanings[code] ?? { name: "unknown", quality: Q.BadUnknownResponse };
    super(code === 10 || code === 11 ? "disconnected" : "device", `${context}exception ${code} (${meaning.name})`);
    this.name = "ExceptionReply";
    this.code = code;
    this.context = context;
    this.#quality = meaning.quality;
  }

  override get quality(): Quality {
    return this.#quality;
  }

  /** The request as it was asked is refused; a part of it may be answered. */
  get isAddress(): boolean {
    return this.code === 2 || this.code === 3;
  }

  /** A gateway says that the unit behind it is not there: no use to ask it for more. */
  get isGateway(): boolean {
    return this.code === 10 || this.code === 11;
  }
}

/** The same failure with whom or what it was about before its message. */
export function prefixed(error: SourceError, prefix: string): SourceError {
  if (error instanceof ExceptionReply) return new ExceptionReply(error.code, prefix + error.context);
  return new SourceError(error.fault, prefix + error.message, { cause: error });
}
