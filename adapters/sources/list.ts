import type { BrokerConfig, ModbusConfig, MqttConfig, SnmpConfig } from "../../config/assets.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Protocol, SourceAdapter } from "../../core/source.ts";
import type { TrapReceiver, TrapReceiverOptions } from "./snmp/traps/receiver.ts";

export type { TrapReceiver };

/** What each protocol's adapter makes a source of. */
export interface SourceSpecs {
  readonly snmp: SnmpConfig;
  readonly modbus: ModbusConfig;
  readonly mqtt: { readonly mqtt: MqttConfig; readonly broker: BrokerConfig; readonly brokerId: string };
}

export interface AdapterOptions {
  readonly log: Log;
  readonly clock: Clock;
}

/** Every protocol, its library loaded only when an asset speaks it. A new protocol is a folder here and a line below. */
export const sourceLoaders: { readonly [P in Protocol]: (options: AdapterOptions) => Promise<SourceAdapter<SourceSpecs[P]>> } = {
  snmp: async (options) => (await import("./snmp/source.ts")).createSnmpAdapter(options),
  modbus: async (options) => (await import("./modbus/source.ts")).createModbusAdapter(options),
  mqtt: async (options) => (await import("./mqtt/source.ts")).createMqttAdapter(options),
};

/** Opens a port for traps and informs; its code is loaded only where there is one. */
export async function openTraps(options: TrapReceiverOptions): Promise<TrapReceiver> {
  return (await import("./snmp/traps/receiver.ts")).openTrapReceiver(options);
}
