import { codeOf, SourceError, type SourceFault } from "../../../core/errors.ts";

/** The device refused a request, and said why: error-status of RFC 3416 §3. */
export class Refusal extends SourceError {
  readonly status: number;
  /** error-index: the number of the variable it refused, from 1; 0 where it did not say. */
  readonly index: number;
  /** The variable it refused, where it said so. */
  readonly oid: string | undefined;

  constructor(of: { readonly status: number; readonly index?: number; readonly oid?: string | undefined }, message: string) {
    super(of.status === 6 || of.status === 16 ? "denied" : "device", message);
    this.name = "Refusal";
    this.status = of.status;
    this.index = of.index ?? 0;
    this.oid = of.oid;
  }
}

export const errorStatus = { tooBig: 1, noSuchName: 2, genErr: 5 } as const;

/** An answer came, and something in it cannot be decoded: asking for less at a time finds what. */
export class Undecodable extends SourceError {
  constructor(message: string, options?: ErrorOptions) {
    super("malformed", message, options);
    this.name = "Undecodable";
  }
}

/** What a device's error-status is called (RFC 3416 §3), by number. */
const statusNames = [
  "noError",
  "tooBig",
  "noSuchName",
  "badValue",
  "readOnly",
  "genErr",
  "noAccess",
  "wrongType",
  "wrongLength",
  "wrongEncoding",
  "wrongValue",
  "noCreation",
  "inconsistentValue",
  "resourceUnavailable",
  "commitFailed",
  "undoFailed",
  "authorizationError",
  "notWritable",
  "inconsistentName",
];

export function refusal(of: { readonly target: string; readonly status: number; readonly index: number; readonly oid?: string }): Refusal {
  const { target, status, index, oid } = of;
  const what = statusNames[status] ?? `error-status ${status}`;
  return new Refusal({ status, index, oid }, `${target}: the device says ${what}${oid === undefined ? "" : `: ${oid}`}`);
}

/** What the operating system's refusal to send means. */
export function unsent(target: string, error: Error): SourceError {
  return new SourceError(systemFault(error), `${target}: ${error.message}`, { cause: error });
}

function systemFault(error: Error): SourceFault {
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return "refused";
  return code === undefined || code === "ERR_SOCKET_DGRAM_NOT_RUNNING" ? "disconnected" : "unreachable";
}
