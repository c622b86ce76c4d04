import { type BerReader, BerWriter } from "../../../adapters/sources/snmp/ber.ts";
import { localisedKeys, noKeys } from "../../../adapters/sources/snmp/engine.ts";
import { pduTag } from "../../../adapters/sources/snmp/envelope.ts";
import { KeyRing } from "../../../adapters/sources/snmp/keys.ts";
import { readPdu } from "../../../adapters/sources/snmp/pdu.ts";
import { type Keys, readContext, readSealed, unseal, writeSealed } from "../../../adapters/sources/snmp/usm.ts";
import type { Asked } from "../../adapters/sources/snmp/answering.ts";
import { int, tlv, variable } from "../../adapters/sources/snmp/ber.ts";
import { secure } from "../../adapters/sources/snmp/setup.ts";
import { snmpdKeys } from "../../peers/snmpd.ts";
import { truth } from "./mib.ts";

const writer = new BerWriter();
const ring = new KeyRing();

/** What an engine says of itself. */
export interface Engine {
  id: Buffer;
  boots: number;
  time: number;
}

export interface Sealed {
  /** Of the request that it answers; this one's without it. */
  readonly id?: number;
  readonly engine?: Buffer;
  readonly user?: string;
  readonly keys?: Keys;
  /** Tag of the PDU; a Response without it. */
  readonly tag?: number;
  readonly variables: readonly Buffer[];
}

/** A request of SNMPv3, and the ways to answer it. */
export interface SecureAsk extends Asked {
  readonly bytes: Buffer;
  /** It asks who the engine is, and of nothing else. */
  readonly discovers: boolean;
  /** The engine, to be changed. */
  readonly engine: Engine;
  /** Keys of this engine's user, and those of a wrong passphrase. */
  readonly keys: Keys;
  readonly wrongKeys: Keys;
  seal(parts: Sealed): Buffer;
  /** A report of this usmStats counter, signed or not. */
  report(counter: number, keys?: Keys): Buffer;
  /** The true answer. */
  truth(): Buffer;
}

/** Answers to requests of SNMPv3, as a device with this engine would. */
export async function secureDevice(engine: Engine): Promise<(bytes: Buffer) => SecureAsk> {
  const keysOf = (auth: string): Promise<Keys> =>
    localisedKeys(
      {
        ring,
        user: {
          name: secure.user,
          context: "",
          auth: { protocol: "sha256", key: auth },
          privacy: { protocol: "aes", key: snmpdKeys.privacy },
        },
      },
      engine.id,
    );
  const [keys, wrongKeys] = [await keysOf(snmpdKeys.auth), await keysOf("another passphrase")];
  return (bytes) => {
    const sealed = readSealed(bytes);
    const discovers = sealed.engine.length === 0;
    const scoped: BerReader = unseal(sealed, discovers ? undefined : keys);
    readContext(scoped);
    const pdu = readPdu(scoped, bytes.length);
    const asked: Asked = { tag: pdu.kind, oids: pdu.answer.varbinds().map(({ oid }) => oid), repetitions: pdu.index };
    const seal = (parts: Sealed): Buffer => {
      const { id = sealed.id, user = secure.user, tag = pduTag.response, variables } = parts;
      const bytesOfPdu = tlv(tag, int(id), int(0), int(0), tlv(0x30, ...variables));
      const of = { id, reportable: false, engine: parts.engine ?? engine.id, context: Buffer.alloc(0) };
      const at = { boots: engine.boots, time: engine.time };
      return writeSealed(writer, { ...of, at, user: Buffer.from(user), keys: parts.keys ?? keys }, () => writer.copy(bytesOfPdu));
    };
    const report = (counter: number, as: Keys = noKeys): Buffer =>
      seal({ tag: pduTag.report, keys: as, variables: [variable(`1.3.6.1.6.3.15.1.1.${counter}.0`, int(1, 0x41))] });
    const honest = (): Buffer => {
      if (discovers) return report(4);
      if (sealed.at.boots !== engine.boots || Math.abs(sealed.at.time - engine.time) > 150)
        return report(2, { ...keys, privacy: undefined });
      return seal({ variables: truth(asked) });
    };
    return { ...asked, bytes, discovers, engine, keys, wrongKeys, seal, report, truth: honest };
  };
}
