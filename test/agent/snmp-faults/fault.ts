import type { QualityName } from "../../../core/quality.ts";
import type { SeriesDescription } from "../../../core/reading.ts";
import type { ResponseParts } from "../../adapters/sources/snmp/ber.ts";
import type { Request } from "../../adapters/sources/snmp/responder.ts";
import type { SecureAsk } from "./secure-device.ts";

/** A request as a faulty device of versions 1 and 2c sees it. */
export interface Ask {
  readonly request: Request;
  /** The true answer, or one that differs from it so. */
  truth(over?: Partial<ResponseParts>): Buffer;
  /** A datagram from the device's own address; from a stranger's where that is said. */
  send(bytes: Buffer, from?: "stranger"): void;
}

/** What a device does wrong, and what has to come of it. */
export interface Fault {
  readonly name: string;
  /** Under `snmp:` of its asset, beside host, port and profile. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Versions 1 and 2c. What it returns is sent. */
  readonly answer?: (ask: Ask) => Buffer | undefined;
  /** Version 3. */
  readonly secure?: (ask: SecureAsk) => Buffer | undefined;
  /** Words of the source's reason, after its address. */
  readonly reason: string | RegExp;
  /** Quality of what goes Bad, or qualities. */
  readonly quality: QualityName | readonly QualityName[];
  /** What goes Bad where that is not everything: the source is up, then, and says what is wrong with it. */
  readonly spoils?: (series: SeriesDescription) => boolean;
}

/** A fault that costs nothing: whatever the device does, everything stays Good and no word is said. */
export type Oddity = Pick<Fault, "name" | "config" | "answer" | "secure">;
