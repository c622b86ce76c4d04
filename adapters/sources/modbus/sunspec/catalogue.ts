import { loadProfile } from "../../../../config/profiles.ts";
import { type SunspecCatalogue, type SunspecModel, sunspecCatalogue, sunspecModel, sunspecProfile } from "../../../../config/sunspec.ts";

let catalogue: SunspecCatalogue | undefined;
/** Each file is parsed once, when the first device has such a model. */
const models = new Map<string, SunspecModel>();

function entryOf(id: number): SunspecCatalogue["models"][string] | undefined {
  catalogue ??= loadProfile("modbus", sunspecProfile, sunspecCatalogue);
  return catalogue.models[id];
}

/** What is read of a model; undefined where nothing is: settings, curves, signatures, and models that nobody has published. */
export function modelOf(id: number): SunspecModel | undefined {
  const file = entryOf(id)?.points;
  if (file === undefined) return undefined;
  const known = models.get(file) ?? loadProfile("sunspec", file, sunspecModel);
  models.set(file, known);
  return known;
}

/** A model for people: `103 Inverter (Three Phase)`, or `64999 (not published)`. */
export function modelName(id: number): string {
  const entry = entryOf(id);
  return entry === undefined ? `${id} (not published)` : `${id} ${entry.name}`;
}
