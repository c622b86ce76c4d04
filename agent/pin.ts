import { Agent, type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { pinOf } from "../core/pin.ts";

type Created = (error: Error | null, stream: Duplex) => void;

/**
 * Speaks TLS only with who holds one of these keys (`sha256/BASE64`). No byte of a request leaves before the key was looked at. With
 * a CA the certificate has to be signed by it, too; without one the key is enough, and the certificate's name and dates say nothing.
 */
export class PinnedAgent extends Agent {
  readonly #pins: ReadonlySet<string>;

  constructor(options: AgentOptions, pins: readonly string[]) {
    super(options);
    this.#pins = new Set(pins);
  }

  /** Node waits for the call with its first byte; sessions are not resumed, since a resumed one shows no certificate. */
  override createConnection(options: ConnectionOptions, created: Created): undefined {
    const { session: _, ...fresh } = options;
    const socket = connect({ ...fresh, rejectUnauthorized: options.ca !== undefined });
    const failed = (error: Error): void => created(error, socket);
    socket.once("error", failed);
    socket.once("secureConnect", () => {
      const fault = this.#fault(socket);
      if (fault !== undefined) {
        socket.destroy(fault);
        return;
      }
      socket.off("error", failed);
      created(null, socket);
    });
    return undefined;
  }

  #fault(socket: TLSSocket): Error | undefined {
    const key = socket.getPeerX509Certificate()?.publicKey;
    const found = key === undefined ? "none" : pinOf(key);
    if (this.#pins.has(found)) return undefined;
    return new Error(
      `the collector's key is ${found}, and agent.pin says ${[...this.#pins].join(" or ")}: its key was changed, or somebody else answers in its place`,
    );
  }
}
