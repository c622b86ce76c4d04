import { codeOf, SourceError, type SourceFault } from "../../../core/errors.ts";

/** The device refused a request, and said why: error-status of RFC 3416 §3. */
export class Refusal extends SourceError {
  readonly status: number;
  /** The variable it refused, where it said so. */
  readonly oid: string | undefined;

  constructor(status: number, oid: string | undefined, message: string, options?: ErrorOptions) {
    super(status === 6 || status === 16 ? "denied" : "device", message, options);
    this.name = "Refusal";
    this.status = status;
    this.oid = oid;
  }
}

export const errorStatus = { tooBig: 1, noSuchName: 2 } as const;

/** An answer came, and something in it cannot be decoded: asking for less at a time finds what. */
export class Undecodable extends SourceError {
  constructor(message: string, options?: ErrorOptions) {
    super("malformed", message, options);
    this.name = "Undecodable";
  }
}

/** The engine's identity or clock is not what this session knows of it. */
export class StaleEngine extends SourceError {}

/** What a failure of the library means. It tells its errors apart by name: `code` and `status` are numbers of its own. */
export function faultOf(target: string, error: Error): SourceError {
  const message = `${target}: ${error.message}`;
  const options = { cause: error };
  if (error.name === "RequestFailedError") {
    return new Refusal(
      numberIn(error, "status"),
      /: ([0-9.]+)$/.exec(error.message)?.[1],
      `${target}: the device says ${error.message}`,
      options,
    );
  }
  if (error.name === "ResponseInvalidError") {
    // Codes of the library: 4 cannot decrypt, 5 refused by the user security model, 11 unexpected report, 14 not in time window.
    const code = numberIn(error, "code");
    if (code === 5 && /Not In Time Window|Unknown Engine/.test(error.message)) return new StaleEngine("device", message, options);
    if (code === 4 || code === 5) return new StaleEngine("denied", message, options);
    if (code === 11 || code === 14) return new StaleEngine("device", message, options);
    return new Undecodable(message, options);
  }
  return new SourceError(systemFault(error), message, options);
}

function systemFault(error: Error): SourceFault {
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return "refused";
  if (code !== undefined) return "unreachable";
  return error.message === "Socket forcibly closed" ? "disconnected" : "malformed";
}

function numberIn(error: object, name: string): number {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "number" ? value : 0;
}
