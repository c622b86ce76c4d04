import { Q, type Quality } from "./quality.ts";

/** Why a source could not be read. Each kind becomes the quality of that source's series. */
export type SourceFault =
  | "timeout" // no answer in time
  | "refused" // host is there, nobody listens
  | "unreachable" // no way to the host, name not found
  | "disconnected" // the connection broke
  | "denied" // wrong community, user, key, password
  | "malformed" // an answer that cannot be what was asked for
  | "device" // the device said no: exception code, genErr
  | "config"; // what is asked for cannot be done on this device

const qualities: Readonly<Record<SourceFault, Quality>> = {
  timeout: Q.BadTimeout,
  refused: Q.BadNoCommunication,
  unreachable: Q.BadNoCommunication,
  disconnected: Q.BadNoCommunication,
  denied: Q.BadUserAccessDenied,
  malformed: Q.BadDecodingError,
  device: Q.BadDeviceFailure,
  config: Q.BadConfigurationError,
};

/** A source failed as a whole. The message says what we were doing to whom: `127.0.0.1:1502 unit 31: holding 100+2: timed out after 2 s`. */
export class SourceError extends Error {
  readonly fault: SourceFault;

  constructor(fault: SourceFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SourceError";
    this.fault = fault;
  }

  /** The quality that this failure gives the source's series. */
  get quality(): Quality {
    return qualities[this.fault];
  }
}

/** Message of whatever was thrown, with the chain of causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && !error.message.includes(error.cause.message) ? `: ${messageOf(error.cause)}` : "";
  return `${error.message || error.name}${cause}`;
}

/** `error.code` of Node's system errors, such as `ECONNREFUSED`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
