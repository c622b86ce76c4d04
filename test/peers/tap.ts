import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { connect, createServer, type Socket } from "node:net";

/** Stands before a server on loopback, hands everything on, and keeps every byte that clients send to it. */
export interface Tap {
  readonly port: number;
  /** What was sent: per connection of TCP, per datagram of UDP. */
  sent(): readonly Buffer[];
  stop(): Promise<void>;
}

/** A tap of UDP keeps what the server answers, too. */
export interface UdpTap extends Tap {
  answered(): readonly Buffer[];
}

export function tapTcp(target: number): Promise<Tap> {
  const sent: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const kept: Buffer[] = [];
    sent.push(kept);
    const device = connect(target, "127.0.0.1");
    for (const socket of [client, device]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        client.destroy();
        device.destroy();
      });
    }
    client.on("data", (bytes) => {
      kept.push(bytes);
      device.write(bytes);
    });
    device.on("data", (bytes) => client.write(bytes));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const stop = (): Promise<void> =>
        new Promise((done) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => done());
        });
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({ port, sent: () => sent.map((parts) => Buffer.concat(parts)), stop });
    });
  });
}

export async function tapUdp(target: number): Promise<UdpTap> {
  const sent: Buffer[] = [];
  const answered: Buffer[] = [];
  const towards = new Map<number, UdpSocket>();
  const front = createSocket("udp4");
  front.on("message", (bytes, from) => {
    sent.push(bytes);
    let device = towards.get(from.port);
    if (device === undefined) {
      device = createSocket("udp4");
      device.on("message", (answer) => {
        answered.push(answer);
        front.send(answer, from.port, from.address);
      });
      device.on("error", () => {});
      towards.set(from.port, device);
    }
    device.send(bytes, target, "127.0.0.1");
  });
  await new Promise<void>((resolve) => front.bind(0, "127.0.0.1", resolve));
  return {
    port: front.address().port,
    sent: () => sent,
    answered: () => answered,
    async stop() {
      for (const socket of towards.values()) socket.close();
      await new Promise<void>((done) => front.close(() => done()));
    },
  };
}
