import { parseFact } from "../fact.ts";
import type { LevelState } from "./state.ts";

const phases = ["normal", "pending", "active", "clearing", "latched"] as const;

/** States of an alarm's levels as a fact; `null` while all are normal, so that nothing is carried. */
export function encodeLevels(levels: readonly LevelState[]): string {
  return JSON.stringify(levels.every((level) => level.phase === "normal") ? null : levels);
}

/** What encodeLevels wrote; undefined where nothing was carried or it cannot be read. */
export function decodeLevels(text: string): readonly LevelState[] | undefined {
  const found = parseFact(text);
  if (!Array.isArray(found)) return undefined;
  const levels = found.map(levelState);
  return levels.every((level) => level !== undefined) ? levels : undefined;
}

function levelState(found: unknown): LevelState | undefined {
  if (typeof found !== "object" || found === null || !("phase" in found)) return undefined;
  const phase = phases.find((name) => name === found.phase);
  if (phase === "normal") return { phase };
  const since = time(found, "since");
  const raised = time(found, "raised");
  const ended = time(found, "ended");
  if (phase === undefined || since === undefined) return undefined;
  if (phase === "pending") return { phase, since };
  if (raised === undefined) return undefined;
  if (phase === "active") return { phase, since, raised };
  return ended === undefined ? undefined : { phase, since, raised, ended };
}

function time(found: object, key: string): number | undefined {
  const value: unknown = Object.entries(found).find(([name]) => name === key)?.[1];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
