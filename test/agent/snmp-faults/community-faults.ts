import { pduTag } from "../../../adapters/sources/snmp/envelope.ts";
import type { SeriesDescription } from "../../../core/reading.ts";
import { int, oid as name, octets, response, tlv, variable } from "../../adapters/sources/snmp/ber.ts";
import type { Ask, Fault, Oddity } from "./fault.ts";
import { truth } from "./mib.ts";

const silence = "no answer within 2 x 250 ms (a wrong community looks the same)";
/** Each try is refused; on a busy machine the last answer may come too late for that. */
const refused = (what: string): RegExp => new RegExp(`no answer within 2 x 250 ms; \\d+ datagrams refused: ${what}$`);
const isTable = ({ tag }: { readonly tag: number }): boolean => tag !== pduTag.get;
const ofInterfaces = ({ metric }: SeriesDescription): boolean => metric.startsWith("if_");

/** A device that answers so to GETs, whatever it is asked, and truly to the rest; or the other way round. */
const toGets = (reply: (ask: Ask) => Buffer | undefined) => (ask: Ask) => (isTable(ask.request) ? ask.truth() : reply(ask));
const toWalks = (reply: (ask: Ask) => Buffer | undefined) => (ask: Ask) => (isTable(ask.request) ? reply(ask) : ask.truth());

/** The column that a name is in: of ifXEntry, or of ifEntry. */
const columnOf = (oid: string): string =>
  oid
    .split(".")
    .slice(0, oid.startsWith("1.3.6.1.2.1.31.") ? 11 : 10)
    .join(".");

/** Variables of a walk, each changed so. */
function changed({ request }: Ask, change: (oid: string, index: number) => Buffer): Buffer {
  const oids = Array.from({ length: request.repetitions || 1 }, () => request.oids).flat();
  return response({ version: request.version, id: request.id, variables: oids.map(change) });
}

function late(ask: Ask): undefined {
  const bytes = ask.truth();
  setTimeout(() => ask.send(bytes), 700);
}

/** Devices that say nothing of use: all they had is Bad, and the source is down. */
export const deaf: readonly Fault[] = [
  { name: "silence", answer: () => undefined, reason: silence, quality: "BadTimeout" },
  {
    name: "a community that is not taken any more",
    answer: () => undefined,
    reason: /a wrong community looks the same/,
    quality: "BadTimeout",
  },
  { name: "answers that come too late", answer: late, reason: silence, quality: "BadTimeout" },
  {
    name: "answers to other requests",
    answer: ({ request, truth: say }) => say({ id: (request.id ^ 0x55) & 0x7fff_ffff }),
    reason: silence,
    quality: "BadTimeout",
  },
  {
    name: "an empty datagram",
    answer: () => Buffer.alloc(0),
    reason: refused("0 bytes that are not an SNMP message"),
    quality: "BadDecodingError",
  },
  {
    name: "garbage",
    answer: () => Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    reason: refused("18 bytes that are not an SNMP message"),
    quality: "BadDecodingError",
  },
  {
    name: "60,000 bytes of nothing",
    answer: () => Buffer.alloc(60_000, 0x30),
    reason: refused("60000 bytes that are not an SNMP message"),
    quality: "BadDecodingError",
  },
  {
    name: "half a message",
    answer: ({ truth: say }) => say().subarray(0, 30),
    reason: refused("30 bytes that are not an SNMP message"),
    quality: "BadDecodingError",
  },
  {
    name: "200 datagrams of garbage for each request",
    answer: (ask) => {
      for (let i = 0; i < 200; i++) ask.send(Buffer.from([0x30, 0x80, i]));
      return undefined;
    },
    reason: /\d+ datagrams refused: 3 bytes that are not an SNMP message/,
    quality: "BadDecodingError",
  },
  {
    name: "version 1 to a request in version 2c",
    answer: ({ truth: say }) => say({ version: 0 }),
    reason: refused("an answer in version 0 on the wire to a request in version 1"),
    quality: "BadDecodingError",
  },
  {
    name: "a version that there is not",
    answer: ({ truth: say }) => say({ version: 7 }),
    reason: /datagrams refused: \d+ bytes that are not an SNMP message/,
    quality: "BadDecodingError",
  },
  {
    name: "another community",
    answer: ({ truth: say }) => say({ community: "private" }),
    reason: refused("an answer in another community"),
    quality: "BadDecodingError",
  },
  {
    name: "an echo of the request",
    answer: ({ request }) => request.bytes,
    reason: refused("PDU 0xa0 as answer"),
    quality: "BadDecodingError",
  },
  {
    name: "a trap as answer",
    answer: ({ truth: say }) => say({ tag: pduTag.trap2 }),
    reason: refused("PDU 0xa7 as answer"),
    quality: "BadDecodingError",
  },
  {
    name: "answers from another address",
    answer: (ask) => {
      ask.send(ask.truth(), "stranger");
      return undefined;
    },
    reason: /2 datagrams refused: an answer from 127\.0\.0\.1:\d+, which was not asked/,
    quality: "BadDecodingError",
  },
  {
    name: "a message that ends inside a variable",
    answer: ({ truth: say }) => say({ variables: [Buffer.from("300e06082b06", "hex")] }),
    reason: /none of 4 variables, .* can be decoded: ./,
    quality: "BadDecodingError",
  },
  {
    name: "lengths that pass the message's end",
    answer: ({ truth: say }) => say({ variables: [Buffer.from("3084ffffffff0600", "hex")] }),
    reason: /none of 4 variables, .* can be decoded: ./,
    quality: "BadDecodingError",
  },
  {
    name: "no variables",
    answer: ({ truth: say }) => say({ variables: [] }),
    reason: /none of 4 variables, .* can be decoded: 0 variables that are not the 1 asked for/,
    quality: "BadDecodingError",
  },
  {
    name: "3,000 variables that nobody asked for",
    answer: ({ truth: say }) => say({ variables: Array.from({ length: 3000 }, () => variable("1.3.6.1.2.1.1.9.1", int(1))) }),
    reason: /3000 variables that are not the \d+ asked for/,
    quality: "BadDecodingError",
  },
  {
    name: "the values of other variables",
    answer: (ask) => changed(ask, (_, i) => variable(`1.3.6.1.2.1.4.${i}.0`, int(i))),
    reason: /\d+ variables that are not the \d+ asked for/,
    quality: "BadDecodingError",
  },
  {
    name: "values of a type that there is not",
    answer: (ask) => changed(ask, (oid) => variable(oid, tlv(0x47, Buffer.from([1])))),
    reason: /none of \d+ variables, .* can be decoded/,
    quality: "BadDecodingError",
  },
  {
    name: "genErr",
    answer: ({ truth: say }) => say({ status: 5, index: 1 }),
    reason: "the device says genErr: 1.3.6.1.2.1.1.3.0",
    quality: "BadDeviceFailure",
  },
  {
    name: "an error-status that there is not",
    answer: ({ truth: say }) => say({ status: 99 }),
    reason: "the device says error-status 99",
    quality: "BadDeviceFailure",
  },
  {
    name: "a negative error-status and index",
    answer: ({ truth: say }) => say({ status: -1, index: -7 }),
    reason: "the device says error-status -1",
    quality: "BadDeviceFailure",
  },
  {
    name: "authorizationError",
    answer: ({ truth: say }) => say({ status: 16 }),
    reason: "the device says authorizationError",
    quality: "BadUserAccessDenied",
  },
  {
    name: "tooBig, however little is asked",
    answer: ({ truth: say }) => say({ status: 1, variables: [] }),
    reason: "the device says tooBig",
    quality: "BadDeviceFailure",
  },
  {
    name: "noSuchName without a name, in version 1",
    config: { version: 1 },
    answer: ({ truth: say }) => say({ status: 2, index: 0 }),
    reason: "the device says noSuchName",
    quality: "BadDeviceFailure",
  },
  {
    name: "genErr in version 1",
    config: { version: 1 },
    answer: ({ truth: say }) => say({ status: 5, index: 0 }),
    reason: "the device says genErr",
    quality: "BadDeviceFailure",
  },
];

/** Devices that lie or fail in part: what is spoilt is Bad, the rest goes on, and the source says why. */
export const partial: readonly Fault[] = [
  {
    name: "tables that are not answered",
    answer: toWalks(() => undefined),
    reason: /no answer within 2 x 250 ms/,
    quality: "BadTimeout",
    spoils: ofInterfaces,
  },
  {
    name: "tables that are garbage",
    answer: toWalks(() => Buffer.alloc(100, 0x41)),
    reason: /100 bytes that are not an SNMP message/,
    quality: "BadDecodingError",
    spoils: ofInterfaces,
  },
  {
    name: "tables that are refused",
    answer: toWalks(({ truth: say }) => say({ status: 5, index: 1 })),
    reason: /the device says genErr/,
    quality: "BadDeviceFailure",
    spoils: ofInterfaces,
  },
  {
    name: "a table that loops",
    answer: toWalks((ask) => changed(ask, (oid) => variable(`${columnOf(oid)}.1`, int(1)))),
    reason: /: 1 does not follow 1$/,
    quality: "BadDecodingError",
    spoils: ofInterfaces,
  },
  {
    name: "a table that goes backward",
    answer: toWalks((ask) => ask.truth({ variables: truth(ask.request).reverse() })),
    reason: /: what follows it comes before it$/,
    quality: "BadDecodingError",
    spoils: ofInterfaces,
  },
  {
    name: "a table without end",
    answer: toWalks((ask) =>
      changed(ask, (oid, i) => {
        const column = columnOf(oid);
        const row = Number(oid.slice(column.length + 1)) + 1 + Math.floor(i / ask.request.oids.length);
        return variable(`${column}.${row}`, int(1));
      }),
    ),
    reason: /more than 20000 rows: the rest is not read|rows (read|taken) when the round's time was over|the round's time is over/,
    quality: "BadTimeout",
    spoils: ofInterfaces,
  },
  {
    name: "indexes that no OID has",
    answer: toWalks((ask) =>
      changed(ask, (oid) => tlv(0x30, tlv(6, name(columnOf(oid)).subarray(2), Buffer.from("ffffffffffff7f", "hex")), int(1))),
    ),
    reason: /an index that is no part of an OID$/,
    quality: "BadDecodingError",
    spoils: ofInterfaces,
  },
  {
    name: "one scalar that cannot be decoded",
    answer: toGets((ask) =>
      changed(ask, (oid) =>
        oid === "1.3.6.1.2.1.25.1.6.0" ? variable(oid, tlv(0x47)) : (truth({ ...ask.request, oids: [oid] })[0] ?? tlv(5)),
      ),
    ),
    reason: "host_processes: BadDecodingError",
    quality: "BadDecodingError",
    spoils: ({ metric }) => metric === "host_processes",
  },
  {
    name: "text where numbers were",
    answer: toGets((ask) =>
      changed(ask, (oid) =>
        oid === "1.3.6.1.2.1.25.1.6.0" ? variable(oid, octets("ninety")) : (truth({ ...ask.request, oids: [oid] })[0] ?? tlv(5)),
      ),
    ),
    reason: "host_processes: BadDecodingError",
    quality: "BadDecodingError",
    spoils: ({ metric }) => metric === "host_processes",
  },
  {
    name: "nothing of what it had",
    answer: (ask) => changed(ask, (oid) => variable(oid, tlv(0x80))),
    reason: "uptime_seconds: BadNotFound",
    quality: ["BadNotFound", "BadNoData"],
    spoils: () => true,
  },
];

/** What the network and odd devices do, and nobody is to notice. */
export const odd: readonly Oddity[] = [
  {
    name: "every answer three times",
    answer: (ask) => {
      ask.send(ask.truth());
      ask.send(ask.truth());
      return ask.truth();
    },
  },
  {
    name: "the answer, and then the answer to the request before",
    answer: (() => {
      let before: Buffer | undefined;
      return (ask: Ask) => {
        const [old, bytes] = [before, ask.truth()];
        before = bytes;
        ask.send(bytes);
        return old;
      };
    })(),
  },
  {
    name: "every first try lost",
    answer: (() => {
      const met = new Set<number>();
      return ({ request, truth: say }: Ask) => {
        const again = met.has(request.id);
        met.add(request.id);
        return again ? say() : undefined;
      };
    })(),
  },
  {
    name: "answers of one row at a time",
    answer: ({ request, truth: say }) => say({ variables: truth({ ...request, repetitions: Math.min(1, request.repetitions) }) }),
  },
];
