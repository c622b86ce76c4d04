import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What the way between agent and collector does. */
export type Way =
  | "pass"
  | "reset" // the connection is reset as soon as something is said
  | "hang" // what is said is taken, and never answered
  | "black hole" // nothing is even read
  | "half open" // all is passed on, but the answers are lost
  | "slow" // what is said is passed on a little at a time
  | "503"
  | "429";

const slowBytes = 600;
const slowMs = 20;

/** Stands between agent and collector on a real socket, and spoils what passes. */
export class FaultyWay {
  url = "";
  way: Way = "pass";
  /** When each request began, ms of the monotonic clock. */
  readonly requests: number[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  readonly #collectorPort: () => number;

  constructor(collectorPort: () => number) {
    this.#collectorPort = collectorPort;
  }

  async start(): Promise<this> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    onTestFinished(() => this.stop());
    return this;
  }

  stop(): void {
    this.#server?.close();
    this.cut();
  }

  /** Changes the way; what is under way feels it at once, and what is cut off stays so. */
  become(way: Way): void {
    const before = this.way;
    this.way = way;
    if (before === "hang" || before === "black hole" || before === "half open") this.cut();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Most requests that began within one second of each other, from `since` on. */
  busiest(since: number): number {
    const times = this.requests.filter((at) => at >= since);
    return Math.max(0, ...times.map((at) => times.filter((other) => other >= at && other < at + 1000).length));
  }

  #serve(socket: Socket): void {
    this.#keep(socket);
    const collector = connect(this.#collectorPort(), "127.0.0.1");
    this.#keep(collector);
    socket.on("close", () => collector.destroy());
    collector.on("close", () => socket.destroy());
    collector.on("data", (chunk) => {
      if (this.way === "pass" || this.way === "slow") socket.write(chunk);
    });
    socket.on("data", (chunk) => this.#heard(socket, collector, chunk));
  }

  #heard(socket: Socket, collector: Socket, chunk: Buffer): void {
    const head = /^(?:GET|POST) /.test(chunk.toString("latin1", 0, 5));
    if (head) this.requests.push(performance.now());
    switch (this.way) {
      case "reset":
        socket.resetAndDestroy();
        return;
      case "hang":
        return;
      case "black hole":
        socket.pause();
        return;
      case "slow":
        drip(socket, collector, chunk);
        return;
      case "503":
      case "429":
        if (head) socket.end(`HTTP/1.1 ${this.way} Later\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
        return;
      default:
        collector.write(chunk);
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

/** Passes a chunk on a little at a time; the next one waits for it. */
function drip(from: Socket, to: Socket, chunk: Buffer): void {
  from.pause();
  let at = 0;
  const timer = setInterval(() => {
    to.write(chunk.subarray(at, at + slowBytes));
    at += slowBytes;
    if (at < chunk.length && !from.destroyed) return;
    clearInterval(timer);
    from.resume();
  }, slowMs);
}
