import { createServer, type Socket } from "node:net";
import { Aedes } from "aedes";
import type { Hall } from "./hall.ts";

export interface Broker {
  readonly port: number;
  /** Publishes what the hall's MQTT devices say at this moment, in their own units and shapes. */
  publish(hall: Hall, now: number): void;
  stop(): Promise<void>;
}

/** A real MQTT 3.1.1 broker on loopback, and the gateways of the hall behind it. */
export async function startBroker(port = 0): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    aedes.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const say = (topic: string, payload: object): void => {
    aedes.publish({ cmd: "publish", qos: 1, dup: false, retain: false, topic, payload: Buffer.from(JSON.stringify(payload)) }, () => {});
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    publish(hall, now) {
      if (hall.silent.has("mqtt")) return;
      const { air, labeller } = hall;
      say("plant/air/main", { bar: round(air.bar, 3), temp: round(air.celsius, 1), flow_m3h: round(air.flow * 3600, 1), ts: now });
      say("plant/line-3/labeller", {
        state: ["idle", "running", "starved", "blocked", "fault"][labeller.state],
        per_min: round(labeller.perMinute, 0),
        total: Math.floor(labeller.labels),
        ts: new Date(now).toISOString(),
      });
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
