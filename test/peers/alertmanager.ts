import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { startPeer } from "./process.ts";

/** An alert as `GET /api/v2/alerts` shows it. */
export interface SeenAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface Alertmanager {
  readonly url: string;
  /** Alerts that are active now. */
  alerts(): Promise<SeenAlert[]>;
  stop(): Promise<void>;
}

/** Debian's Alertmanager on a free loopback port; it groups by alertname and posts to `receiver` at once. */
export async function startAlertmanager(receiver: string): Promise<Alertmanager> {
  const dir = await mkdtemp(join(tmpdir(), "millwright-alertmanager-"));
  const config = join(dir, "alertmanager.yml");
  const route = "{ receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h }";
  await writeFile(config, `route: ${route}\nreceivers: [{ name: hook, webhook_configs: [{ url: "${receiver}", send_resolved: true }] }]\n`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const peer = await startPeer({
    command: "/usr/bin/prometheus-alertmanager",
    args: [`--config.file=${config}`, `--storage.path=${dir}`, `--web.listen-address=127.0.0.1:${port}`, "--cluster.listen-address="],
    ready: () =>
      fetch(`${url}/-/ready`)
        .then((answer) => answer.ok)
        .catch(() => false),
  });
  return {
    url,
    async alerts() {
      const answer = await fetch(`${url}/api/v2/alerts?active=true`);
      return (await answer.json()) as SeenAlert[];
    },
    async stop() {
      await peer.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
