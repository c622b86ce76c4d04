import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

/** A request as the responder sees it. */
export interface Request {
  /** As on the wire: 1 is v2c. */
  readonly version: number;
  /** request-id, or msgID of v3. */
  readonly id: number;
  /** Empty in v3. */
  readonly community: string;
  /** Tag of the PDU; 0 in v3. */
  readonly tag: number;
  readonly oids: readonly string[];
  /** max-repetitions of a GETBULK. */
  readonly repetitions: number;
  readonly bytes: Buffer;
  readonly from: RemoteInfo;
}

export interface Responder {
  readonly port: number;
  /** Requests seen. */
  readonly requests: readonly Request[];
  stop(): Promise<void>;
}

/** A UDP server of our own on loopback that answers as `answer` says: for what no real device does on request. */
export async function startResponder(answer: (request: Request, socket: Socket) => Buffer | undefined): Promise<Responder> {
  const socket = createSocket("udp4");
  const requests: Request[] = [];
  socket.on("message", (bytes, from) => {
    const request = parse(bytes, from);
    requests.push(request);
    const reply = answer(request, socket);
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, requests, stop: () => new Promise((resolve) => socket.close(() => resolve())) };
}

function parse(bytes: Buffer, from: RemoteInfo): Request {
  const [version, second, pdu] = elements(elements(bytes)[0]?.body);
  const number = (element: Element | undefined): number => element?.body.readIntBE(0, element.body.length) ?? 0;
  if (number(version) === 3)
    return { version: 3, id: number(elements(second?.body)[0]), community: "", tag: 0, oids: [], repetitions: 0, bytes, from };
  const [id, , last, list] = elements(pdu?.body);
  const oids = elements(list?.body).map((bind) => dotted(elements(bind.body)[0]?.body));
  const [tag, repetitions] = [pdu === undefined ? 0 : pdu.tag, number(last)];
  return { version: number(version), id: number(id), community: `${second?.body}`, tag, oids, repetitions, bytes, from };
}

interface Element {
  readonly tag: number;
  readonly body: Buffer;
}

function elements(bytes: Buffer = Buffer.alloc(0)): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const size = first < 0x80 ? 0 : first & 0x7f;
    const length = size === 0 ? first : bytes.readUIntBE(at + 2, size);
    const start = at + 2 + size;
    found.push({ tag, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function dotted(body: Buffer = Buffer.alloc(0)): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of body) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(value);
      value = 0;
    }
  }
  const [head = 0, ...rest] = arcs;
  return [Math.floor(head / 40), head % 40, ...rest].join(".");
}
