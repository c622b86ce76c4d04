import { createServer } from "node:http";
import { Latest } from "../collector/latest.ts";
import { TextBuffer } from "../collector/metrics/buffer.ts";
import { ReadingText } from "../collector/metrics/readings.ts";
import { metricsContentType } from "../collector/metrics/text.ts";
import { emptyProposal, Registry } from "../collector/registry.ts";
import { ColumnBuilder } from "../core/columns.ts";
import type { ReadingSink } from "../core/source.ts";
import { ourDevice, shareSnmp, type Version } from "./snmp-pollers.ts";

/**
 * What snmp_exporter does, made of the product's own parts, in a process of its own: a request comes in, the device is
 * polled, and what the collector's /metrics says of it goes out. `PORT VERSION`; prints the port it listens on.
 */

const sender = { agent: "bench", epoch: "e" };
const shared = shareSnmp();
const port = Number(process.argv[2]);
const version: Version = process.argv[3] === "3" ? "3" : "2c";
/** Those at rest: one request polls one device, as the exporter does. */
const idle: Target[] = [];

interface Target {
  answer(): Promise<Buffer>;
}

function newTarget(): Target {
  const registry = new Registry();
  const latest = new Latest();
  const text = new ReadingText();
  const out = new TextBuffer();
  let columns = new ColumnBuilder(1024);
  const sink: ReadingSink = {
    register(description) {
      const proposal = emptyProposal();
      registry.propose(sender, [{ ...description, number: registry.size }], proposal);
      registry.accept({ series: proposal.series.values(), aliases: proposal.aliases });
      return registry.size - 1;
    },
    put: (series, time, value, quality) => columns.put(series, time, value, quality),
    inventory() {},
    topology() {},
    incomplete() {},
    malformed() {},
  };
  const device = ourDevice(shared, { port, version, sink });
  return {
    async answer() {
      await device.poll();
      const now = shared.clock.now();
      latest.apply(columns.view(), now);
      columns = new ColumnBuilder(1024);
      out.clear();
      text.update(registry, () => []);
      text.write(latest, now, out);
      return out.bytes();
    },
  };
}

const server = createServer((_request, response) => {
  const target = idle.pop() ?? newTarget();
  target.answer().then(
    (bytes) => {
      response.writeHead(200, { "content-type": metricsContentType, "content-length": bytes.length });
      response.end(bytes, () => idle.push(target));
    },
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
});
process.on("disconnect", () => process.exit(0));
