import type { Filler, Hall } from "./hall.ts";
import type { Quantity } from "./registers.ts";

/** A filler's quantities, by the metrics of config/profiles/modbus/demo-filler.yaml. */
export function fillerQuantities(filler: Filler): Quantity {
  const quantities: Readonly<Record<string, () => number>> = {
    machine_state: () => filler.state,
    bottles_total: () => Math.floor(filler.bottles),
    rejects_total: () => Math.floor(filler.rejects),
    bottles_per_hour: () => filler.speed,
    temperature_celsius: () => filler.bearingCelsius,
    current_amperes: () => filler.motorAmperes,
    pressure_pascals: () => filler.bowlPascals,
    vibration_meters_per_second: () => filler.vibration,
  };
  return (metric) => quantities[metric]?.();
}

/** The energy meter's quantities, by the metrics of config/profiles/modbus/eastron-sdm630.yaml. */
export function meterQuantities(hall: Hall): Quantity {
  const { meter } = hall;
  const powerFactor = 0.93;
  const share = (phase: string | undefined): number => (phase === undefined || !/^l[123]$/.test(phase) ? 1 : 1 / 3);
  const volts = (phase: string | undefined): number => {
    const [l1, l2, l3] = meter.volts;
    if (phase === "l1" || phase === "l2" || phase === "l3") return { l1, l2, l3 }[phase];
    return phase === undefined ? (l1 + l2 + l3) / 3 : ((l1 + l2 + l3) / 3) * Math.sqrt(3);
  };
  const quantities: Readonly<Record<string, (phase: string | undefined, direction: string | undefined) => number>> = {
    voltage_volts: (phase) => volts(phase),
    current_amperes: (phase) => (phase === "n" ? 1.1 : (meter.watts * share(phase)) / (230 * powerFactor)),
    active_power_watts: (phase) => meter.watts * share(phase),
    apparent_power_voltamperes: (phase) => (meter.watts * share(phase)) / powerFactor,
    reactive_power_vars: (phase) => meter.watts * share(phase) * 0.395,
    power_factor_ratio: () => powerFactor,
    frequency_hertz: () => 50,
    active_energy_joules_total: (phase, direction) => (direction === "export" ? 0 : meter.joules * share(phase)),
    reactive_energy_voltampere_seconds_total: (phase, direction) => (direction === "export" ? 0 : meter.joules * 0.395 * share(phase)),
    voltage_thd_ratio: () => 0.018,
    current_thd_ratio: () => 0.042,
    phase_angle_degrees: () => 21.6,
  };
  return (metric, labels) => quantities[metric]?.(labels["phase"], labels["direction"]);
}
