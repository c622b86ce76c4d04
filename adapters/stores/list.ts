import type { CollectorConfig, SinkConfig } from "../../config/schema.ts";
import type { Log } from "../../core/log.ts";
import type { Sink } from "../../core/sink.ts";
import type { Store } from "../../core/store.ts";

/** The store that config asks for, its library loaded only now. Not open yet. */
export async function createStore(config: CollectorConfig["store"], log: Log): Promise<Store> {
  const { createDuckDbStore } = await import("./duckdb/store.ts");
  return createDuckDbStore({ dir: config.duckdb.dir, log });
}

/** The engine that a sink of config names; undefined for one that this version cannot feed (config says so when it is read). */
export async function createSink(config: SinkConfig, log: Log): Promise<Sink | undefined> {
  if (!("influx" in config)) return undefined;
  const { createInfluxSink } = await import("./influx/sink.ts");
  return createInfluxSink({ ...config.influx, log });
}
