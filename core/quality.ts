/**
 * Quality of a reading: the upper 16 bits of an OPC UA StatusCode (OPC 10000-4 §7.39, numbers from the
 * OPC Foundation's StatusCode.csv). The lower 16 bits are flags that this product does not use, so a quality
 * fits the u16 column of a batch. Severity is in the two top bits: 0 Good, 1 Uncertain, 2 Bad.
 */
export type Quality = number;

const codes = {
  Good: 0x0000,
  Uncertain: 0x4000,
  UncertainLastUsableValue: 0x4090,
  UncertainInitialValue: 0x4092,
  UncertainSensorNotAccurate: 0x4093,
  UncertainEngineeringUnitsExceeded: 0x4094,
  UncertainSubNormal: 0x4095,
  Bad: 0x8000,
  BadResourceUnavailable: 0x8004,
  BadCommunicationError: 0x8005,
  BadDecodingError: 0x8007,
  BadEncodingLimitsExceeded: 0x8008,
  BadUnknownResponse: 0x8009,
  BadTimeout: 0x800a,
  BadSecurityChecksFailed: 0x8013,
  BadUserAccessDenied: 0x801f,
  BadIdentityTokenRejected: 0x8021,
  BadInvalidTimestamp: 0x8023,
  BadNoCommunication: 0x8031,
  BadWaitingForInitialData: 0x8032,
  BadNotReadable: 0x803a,
  BadOutOfRange: 0x803c,
  BadNotSupported: 0x803d,
  BadNotFound: 0x803e,
  BadConfigurationError: 0x8089,
  BadNotConnected: 0x808a,
  BadDeviceFailure: 0x808b,
  BadSensorFailure: 0x808c,
  BadOutOfService: 0x808d,
  BadNoData: 0x809b,
  BadDataLost: 0x809d,
} as const;

export type QualityName = keyof typeof codes;

/** The qualities that this product gives, by OPC UA name. */
export const Q: Readonly<Record<QualityName, Quality>> = codes;

const names = new Map<Quality, QualityName>(Object.entries(codes).map(([name, code]) => [code, name as QualityName]));

/** OPC UA name of a quality; an unknown code of another system is shown by its severity and number. */
export function qualityName(quality: Quality): string {
  const name = names.get(quality);
  if (name !== undefined) return name;
  const severity = isBad(quality) ? "Bad" : isUncertain(quality) ? "Uncertain" : "Good";
  return `${severity}(0x${quality.toString(16).padStart(4, "0")})`;
}

/** True when the value is usable without reservation. */
export function isGood(quality: Quality): boolean {
  return quality >>> 14 === 0;
}

/** True when there is a value, but it deserves doubt. */
export function isUncertain(quality: Quality): boolean {
  return quality >>> 14 === 1;
}

/** True when there is no usable value: the reading's value is NaN. */
export function isBad(quality: Quality): boolean {
  return quality >>> 14 >= 2;
}
