import type { SunspecModel } from "../../../../config/sunspec.ts";
import type { ChainModel } from "./chain.ts";

/** What holding registers held when the chain was walked: those by which a model says how it goes on. */
export type Walked = ReadonlyMap<number, number>;

export type Trip = NonNullable<SunspecModel["trip"]>;

/** Most points of a curve (models 129 to 144: "maximum of 20"). */
const mostTripPoints = 20;

/** Where the curve is that applies, how many points it has, and the registers that say so, all after the model's first. */
export function curveOf({ address }: ChainModel, trip: Trip, walked: Walked): { at: number; points: number; pinned: readonly number[] } {
  const number = trip.curve === undefined ? 1 : (countIn(walked, address + trip.curve) ?? 0);
  const isOn = ((countIn(walked, address + trip.enabled) ?? 0) & 1) === 1 && number > 0;
  const at = trip.at + (Math.max(number, 1) - 1) * (trip.registers ?? 0);
  const points = isOn ? Math.min(countIn(walked, address + at + trip.active) ?? 0, mostTripPoints) : 0;
  const pinned = [trip.enabled, ...(trip.curve === undefined ? [] : [trip.curve]), ...(isOn ? [at + trip.active] : [])];
  return { at, points, pinned };
}

/** A register that counts; undefined where it is "not implemented" or was refused. */
export function countIn(walked: Walked, address: number): number | undefined {
  const count = walked.get(address);
  return count === 0xffff ? undefined : count;
}
