import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** The process as a process: memory, CPU, event loop, garbage, and who listens to events. */
export interface ProcessMetrics {
  readonly eventClients: { set(clients: number): void };
  readonly eventClientsDropped: { inc(): void };
  /** Prometheus text. */
  text(): Promise<string>;
}

/** prom-client's names that `promtool check metrics` refuses: gauges that end in `_total`. */
const unclean = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

export function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of unclean) registry.removeSingleMetric(name);
  const registers = [registry];
  return {
    eventClients: new Gauge({ name: "millwright_event_clients", help: "Listeners on /api/v1/events.", registers }),
    eventClientsDropped: new Counter({
      name: "millwright_event_clients_dropped_total",
      help: "Listeners on /api/v1/events that were cut off since they did not keep up.",
      registers,
    }),
    text: () => registry.metrics(),
  };
}
