import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { startPeer } from "./process.ts";

/** One series of an answer. */
export interface PromSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
}

export interface Prometheus {
  readonly url: string;
  /** An instant query; rejects with Prometheus' own words where it is refused. */
  query(expr: string): Promise<readonly PromSeries[]>;
  stop(): Promise<void>;
}

/** Starts Debian's Prometheus on a free loopback port; it scrapes `target` (host:port) every second. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-prometheus-"));
  const port = await freePort();
  const config = join(folder, "prometheus.yml");
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: "1s" },
      scrape_configs: [{ job_name: "millwright", static_configs: [{ targets: [target] }] }],
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const peer = await startPeer({
    command: "prometheus",
    args: [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`],
    ready: () =>
      fetch(`${url}/-/ready`).then(
        (answer) => answer.ok,
        () => false,
      ),
  });
  return {
    url,
    async query(expr) {
      const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
      const body = (await answer.json()) as { status: string; error?: string; data: { result: PromSeries[] } };
      if (body.status !== "success") throw new Error(`${expr}: ${body.error}`);
      return body.data.result;
    },
    async stop() {
      await peer.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
