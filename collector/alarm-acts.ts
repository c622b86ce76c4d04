import type { AlarmActEntry } from "../core/alarm-view.ts";
import type { ActOutcome } from "./alarms/act.ts";
import type { Audit } from "./alarms/audit.ts";
import type { Plant } from "./plant.ts";

/** What people may do to alarms. */
export interface AlarmActs {
  /** Takes place, is on record and outlives a restart once it resolves. Rejects where it cannot be recorded; then nothing has changed. */
  act(entry: Omit<AlarmActEntry, "at">): Promise<ActOutcome>;
  /** The newest first. */
  recent(limit: number): readonly AlarmActEntry[];
}

interface Parts {
  readonly plant: () => Plant;
  readonly audit: Audit;
  readonly now: () => number;
  /** Tells what has changed, and makes it durable. */
  readonly settle: (now: number) => Promise<void>;
}

/** Checked, recorded, done, told, and stored, in this order. */
export function createAlarmActs({ plant, audit, now, settle }: Parts): AlarmActs {
  return {
    async act(wanted) {
      const entry = { ...wanted, at: now() };
      const refused = plant().alarmRefusal(entry);
      if (refused !== undefined) return refused;
      audit.append(entry);
      const outcome = plant().act(entry);
      await settle(entry.at);
      return outcome;
    },
    recent: (limit) => audit.recent(limit),
  };
}
