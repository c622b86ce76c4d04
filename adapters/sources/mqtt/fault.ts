import { codeOf, messageOf, SourceError, type SourceFault } from "../../../core/errors.ts";

/** CONNACK and DISCONNECT codes: MQTT 3.1.1 table 3.1 (1-5), MQTT 5 §2.4 (128 and up). */
const reasons: Readonly<Record<number, readonly [SourceFault, string]>> = {
  1: ["config", "the broker does not speak this protocol version"],
  2: ["config", "the broker does not accept this client_id"],
  3: ["refused", "the broker is not available"],
  4: ["denied", "wrong user or password"],
  5: ["denied", "not authorised"],
  128: ["denied", "refused without a reason"],
  132: ["config", "the broker does not speak this protocol version"],
  133: ["config", "the broker does not accept this client_id"],
  134: ["denied", "wrong user or password"],
  135: ["denied", "not authorised"],
  136: ["refused", "the broker is not available"],
  137: ["refused", "the broker is busy"],
  138: ["denied", "banned by the broker"],
  139: ["disconnected", "the broker is shutting down"],
  141: ["disconnected", "the broker missed our keep-alive"],
  142: ["disconnected", "another client came with the same client_id"],
  143: ["config", "the broker does not accept this topic filter"],
  151: ["denied", "quota exceeded"],
  152: ["disconnected", "ended by the broker's administrator"],
  156: ["config", "use another server"],
  157: ["config", "the server has moved"],
  162: ["config", "the broker takes no wildcards"],
};

const systemCodes: Readonly<Record<string, SourceFault>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "disconnected",
  EPIPE: "disconnected",
  ETIMEDOUT: "timeout",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
};

/** What mqtt.js says when CONNECT is not answered in time, and what we say when the socket closes before. */
const noAnswer = "connack timeout";
export const hungUp = "the broker hung up before it answered";

/** What a reason code of MQTT means. */
export function reasonOf(code: number): readonly [SourceFault, string] {
  return reasons[code] ?? ["denied", `reason code 0x${code.toString(16)}`];
}

/** Why a connection could not be made. `doing` says what and to whom. */
export function connectFault(doing: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const options = { cause: error };
  if (error instanceof Error && "code" in error && typeof error.code === "number") {
    const [fault, why] = reasonOf(error.code);
    return new SourceError(fault, `${doing}: ${why}`, options);
  }
  const message = messageOf(error);
  if (message === hungUp) return new SourceError("disconnected", `${doing}: ${hungUp}`, options);
  if (message === noAnswer) return new SourceError("timeout", `${doing}: no answer to CONNECT`, options);
  const code = codeOf(error);
  const known = code === undefined ? undefined : systemCodes[code];
  if (known !== undefined) return new SourceError(known, `${doing}: ${code}`, options);
  if (code !== undefined) return new SourceError("denied", `${doing}: ${message} (${code})`, options);
  return new SourceError("malformed", `${doing}: ${message}`, options);
}
