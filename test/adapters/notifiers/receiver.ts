import { createServer as createHttp, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Status of the answer, or `silent` for none. */
  answer: number | "silent";
  headers: Record<string, string>;
  close(): Promise<void>;
}

/** An HTTP server that takes what is posted, on a free loopback port; with a certificate it speaks TLS. */
export function startReceiver(tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<Receiver> {
  const take: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      receiver.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (receiver.answer === "silent") return;
      response.writeHead(receiver.answer, receiver.headers).end("answered");
    });
  };
  const server = tls === undefined ? createHttp(take) : createHttps(tls, take);
  server.on("tlsClientError", () => {});
  const receiver: Receiver & { url: string } = {
    url: "",
    received: [],
    answer: 200,
    headers: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      receiver.url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/hook`;
      resolve(receiver);
    });
  });
}
