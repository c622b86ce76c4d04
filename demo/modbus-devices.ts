import type { Filler, Hall } from "./hall.ts";
import type { Quantity } from "./registers.ts";

const productCelsius = 8.4;
const bottleCubicMeters = 0.5e-3;

/** A filler's quantities, by the metrics of config/profiles/modbus/demo-filler.yaml. */
export function fillerQuantities(filler: Filler): Quantity {
  const quantities: Readonly<Record<string, (sensor: string | undefined) => number>> = {
    machine_state: () => filler.state,
    bottles_total: () => Math.floor(filler.bottles),
    rejected_bottles_total: () => Math.floor(filler.rejects),
    bottles_per_hour: () => filler.speed,
    temperature_celsius: (sensor) => (sensor === "bearing" ? filler.bearingCelsius : productCelsius),
    motor_current_amperes: () => filler.motorAmperes,
    pressure_pascals: () => filler.bowlPascals,
    vibration_meters_per_second: () => filler.vibration,
    operating_seconds_total: () => filler.bottles * (3600 / 12_000),
    product_cubic_meters_total: () => filler.bottles * bottleCubicMeters,
  };
  return (metric, labels) => quantities[metric]?.(labels["sensor"]);
}

/** The energy meter's quantities, by the metrics of config/profiles/modbus/eastron-sdm630.yaml. */
export function meterQuantities(hall: Hall): Quantity {
  const { meter } = hall;
  const powerFactor = 0.93;
  const reactiveShare = 0.395;
  const share = (phase: string | undefined): number => (phase === undefined || !/^l[123]$/.test(phase) ? 1 : 1 / 3);
  const volts = (phase: string | undefined): number => {
    const [l1, l2, l3] = meter.volts;
    if (phase === "l1" || phase === "l2" || phase === "l3") return { l1, l2, l3 }[phase];
    return phase === undefined ? (l1 + l2 + l3) / 3 : ((l1 + l2 + l3) / 3) * Math.sqrt(3);
  };
  const energy = (phase: string | undefined): number => meter.joules * share(phase);
  const quantities: Readonly<Record<string, (phase: string | undefined) => number>> = {
    voltage_volts: volts,
    current_amperes: (phase) => (meter.watts * share(phase)) / (230 * powerFactor),
    active_power_watts: (phase) => meter.watts * share(phase),
    apparent_power_voltamperes: (phase) => (meter.watts * share(phase)) / powerFactor,
    reactive_power_vars: (phase) => meter.watts * share(phase) * reactiveShare,
    power_factor_ratio: () => powerFactor,
    frequency_hertz: () => 50,
    phase_angle_degrees: () => 21.6,
    voltage_thd_ratio: () => 0.018,
    active_energy_import_joules_total: energy,
    active_energy_export_joules_total: () => 0,
    active_energy_joules_total: energy,
    reactive_energy_import_var_seconds_total: (phase) => energy(phase) * reactiveShare,
    reactive_energy_export_var_seconds_total: () => 0,
    reactive_energy_var_seconds_total: (phase) => energy(phase) * reactiveShare,
  };
  return (metric, labels) => quantities[metric]?.(labels["phase"]);
}
