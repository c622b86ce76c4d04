import { noKeys } from "../../../adapters/sources/snmp/engine.ts";
import { pduTag } from "../../../adapters/sources/snmp/envelope.ts";
import { int, response, variable } from "../../adapters/sources/snmp/ber.ts";
import { secure as config } from "../../adapters/sources/snmp/setup.ts";
import type { Fault, Oddity } from "./fault.ts";
import { truth, upTime } from "./mib.ts";
import type { SecureAsk } from "./secure-device.ts";

/** Each try is refused; on a busy machine the last answer may come too late for that. */
const refused = (what: string): RegExp => new RegExp(`no answer within 2 x 250 ms; \\d+ datagrams refused: ${what}$`);
/** Discovery is answered truly, and then so. */
const once = (reply: (ask: SecureAsk) => Buffer | undefined) => (ask: SecureAsk) => (ask.discovers ? ask.truth() : reply(ask));
/** Another engine than the one that is known, with an id of so many bytes. */
const engineOf = (bytes: number) => (ask: SecureAsk) =>
  ask.seal({
    engine: Buffer.alloc(bytes, 7),
    keys: noKeys,
    tag: pduTag.report,
    variables: [variable("1.3.6.1.6.3.15.1.1.4.0", int(1, 0x41))],
  });

type SecureFault = Omit<Fault, "answer" | "secure"> & { readonly secure: NonNullable<Fault["secure"]> };

const faults: readonly SecureFault[] = [
  {
    name: "silence",
    secure: () => undefined,
    reason: "no answer within 2 x 250 ms (a wrong privacy key looks the same)",
    quality: "BadTimeout",
  },
  {
    name: "a privacy key that is not taken any more: silence",
    secure: once(() => undefined),
    reason: "no answer within 2 x 250 ms (a wrong privacy key looks the same)",
    quality: "BadTimeout",
  },
  {
    name: "a user that is not known any more",
    secure: once((ask) => ask.report(3)),
    reason: "Unknown User Name",
    quality: "BadUserAccessDenied",
  },
  {
    name: "a key that is not taken any more",
    secure: once((ask) => ask.report(5)),
    reason: "Wrong Digest (a wrong user or key)",
    quality: "BadUserAccessDenied",
  },
  {
    name: "a security level that is not taken any more",
    secure: once((ask) => ask.report(1)),
    reason: "Unsupported Security Level",
    quality: "BadUserAccessDenied",
  },
  {
    name: "a privacy key that is not taken any more: a report",
    secure: once((ask) => ask.report(6)),
    reason: "Decryption Error",
    quality: "BadUserAccessDenied",
  },
  {
    name: "a window that is never met",
    secure: once((ask) => ask.report(2, { ...ask.keys, privacy: undefined })),
    reason: "Not In Time Window",
    quality: "BadDeviceFailure",
  },
  {
    name: "an engine id that is never the right one",
    secure: (ask) => ask.report(4),
    reason: "Unknown Engine ID",
    quality: "BadDeviceFailure",
  },
  {
    name: "a report of nothing known",
    secure: once((ask) => ask.report(77)),
    reason: "a report of unknown meaning",
    quality: "BadDeviceFailure",
  },
  {
    name: "a report without variables",
    secure: once((ask) => ask.seal({ tag: pduTag.report, keys: noKeys, variables: [] })),
    reason: "a report of unknown meaning",
    quality: "BadDeviceFailure",
  },
  { name: "an engine id of 3 bytes", secure: engineOf(3), reason: /an engine id of 3 bytes/, quality: "BadDecodingError" },
  { name: "an engine id of 200 bytes", secure: engineOf(200), reason: /an engine id of 200 bytes/, quality: "BadDecodingError" },
  {
    name: "answers that are not encrypted",
    secure: once((ask) => ask.seal({ keys: { ...ask.keys, privacy: undefined }, variables: truth(ask) })),
    reason: refused("an answer without the authentication or privacy that was asked for"),
    quality: "BadDecodingError",
  },
  {
    name: "answers in the clear",
    secure: once((ask) => ask.seal({ keys: noKeys, variables: truth(ask) })),
    reason: refused("an answer without the authentication or privacy that was asked for"),
    quality: "BadDecodingError",
  },
  {
    name: "answers with a wrong digest",
    secure: once((ask) => ask.seal({ keys: { ...ask.wrongKeys, privacy: ask.keys.privacy }, variables: truth(ask) })),
    reason: refused("a message with a wrong digest"),
    quality: "BadDecodingError",
  },
  {
    name: "answers encrypted with another key",
    secure: once((ask) =>
      ask.seal({
        keys: {
          ...ask.keys,
          privacy: {
            ...ask.keys.privacy,
            encrypt: () => ({ data: Buffer.alloc(64, 3), salt: Buffer.alloc(8, 1) }),
            decrypt: () => Buffer.alloc(0),
          },
        },
        variables: truth(ask),
      }),
    ),
    reason: /none of 4 variables, .* can be decoded: ./,
    quality: "BadDecodingError",
  },
  {
    name: "answers of another engine",
    secure: once((ask) => ask.seal({ engine: Buffer.from("8000000009090909", "hex"), variables: truth(ask) })),
    reason: refused("an answer of another engine"),
    quality: "BadDecodingError",
  },
  {
    name: "answers to another user",
    secure: once((ask) => ask.seal({ user: "root", variables: truth(ask) })),
    reason: refused("an answer to another user"),
    quality: "BadDecodingError",
  },
  {
    name: "version 2c",
    secure: () => response({ id: 1, variables: [variable(upTime, int(1, 0x43))] }),
    reason: /no answer within/,
    quality: "BadTimeout",
  },
  {
    name: "half a message",
    secure: (ask) => ask.truth().subarray(0, 40),
    reason: refused("40 bytes that are not an SNMP message"),
    quality: "BadDecodingError",
  },
  {
    name: "garbage",
    secure: () => Buffer.alloc(200, 0x55),
    reason: refused("200 bytes that are not an SNMP message"),
    quality: "BadDecodingError",
  },
  {
    name: "answers to other requests",
    secure: once((ask) => ask.seal({ id: 4711, variables: truth(ask) })),
    reason: "no answer within 2 x 250 ms (a wrong privacy key looks the same)",
    quality: "BadTimeout",
  },
];

export const secureFaults: readonly Fault[] = faults.map((fault) => ({ ...fault, name: `version 3: ${fault.name}`, config }));

export const secureOdd: readonly Oddity[] = [
  {
    name: "version 3: a clock that stands still",
    config: { ...config, timeout: "900ms" },
    secure: (ask) => {
      ask.engine.time = 100;
      return ask.truth();
    },
  },
  {
    name: "version 3: boots that are not counted, and a clock that begins anew",
    config: { ...config, timeout: "900ms" },
    secure: (ask) => {
      ask.engine.time = ask.engine.time === 0 ? 1 : 0;
      return ask.truth();
    },
  },
  {
    name: "version 3: a boot with every request",
    config: { ...config, timeout: "900ms" },
    secure: (() => {
      let odd = false;
      return (ask: SecureAsk) => {
        odd = !odd;
        if (odd) ask.engine.boots++;
        return ask.truth();
      };
    })(),
  },
];
