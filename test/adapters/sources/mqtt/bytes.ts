import { connect, createServer, type Socket } from "node:net";

/** MQTT control packets by number (MQTT 3.1.1 table 2.1). */
const names = [
  "0",
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
  "AUTH",
];

/** A relay to a broker that keeps what the client sends. */
export async function recordBytes(to: number): Promise<{ port: number; packetTypes(): string[]; close(): Promise<void> }> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(to, "127.0.0.1");
    sockets.add(client).add(upstream);
    client.on("data", (chunk) => chunks.push(chunk));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    packetTypes: () => packetTypes(Buffer.concat(chunks)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function packetTypes(bytes: Buffer): string[] {
  const types: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    types.push(names[(bytes[at] ?? 0) >> 4] ?? "?");
    let length = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = bytes[++at] ?? 0;
      length |= (byte & 0x7f) << shift;
      shift += 7;
    } while ((byte & 0x80) !== 0);
    at += 1 + length;
  }
  return types;
}
