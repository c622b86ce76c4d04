import type { ModbusConfig } from "../../../config/assets.ts";
import { sunspecProfile } from "../../../config/sunspec.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { SourceAdapter } from "../../../core/source.ts";
import { addressOf, Buses } from "./buses.ts";
import { compileDevice } from "./profile.ts";
import { RegisterSource } from "./registers.ts";
import { SunspecSource } from "./sunspec/source.ts";
import { Unit } from "./unit.ts";

/** Modbus TCP, read-only: function codes 1 to 4. Sources of one host and port share its one connection. */
export function createModbusAdapter({ log, clock }: { log: Log; clock: Clock }): SourceAdapter<ModbusConfig> {
  const buses = new Buses({ clock, log });
  return {
    protocol: "modbus",
    source(config, context) {
      const device = compileDevice(context.asset, config);
      log.debug({ asset: context.asset, metrics: device.spans.flatMap((span) => span.metrics).length }, "Modbus unit mapped");
      const shared = buses.take(addressOf(config.tcp), config.in_flight);
      const unit = new Unit({ config, context, shared, gapMs: device.gapMs });
      if (config.profile !== sunspecProfile) return new RegisterSource({ context, device, unit });
      // Texts of both are one inventory.
      const source = new RegisterSource({ context, device: { ...device, inventory: [] }, unit });
      return new SunspecSource({ everyMs: config.every, context, unit, own: { device, source } });
    },
    async close() {
      buses.closeAll();
    },
  };
}
