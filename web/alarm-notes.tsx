import type { JSX } from "preact";
import type { AlarmActView, AlarmView, IsaState } from "../core/alarm-view.ts";
import { useNow } from "./age.tsx";
import { clockTime, duration } from "./time.ts";

export const isaText: Readonly<Record<IsaState, string>> = {
  normal: "Normal",
  // Soft hyphens, for phones.
  unacknowledged: "Un\u00adac\u00adknowl\u00adedged",
  acknowledged: "Acknowledged",
  "returned-unacknowledged": "Returned, unacknowledged",
  latched: "Latched",
  shelved: "Shelved",
  "suppressed-by-design": "Suppressed by design",
  "out-of-service": "Out of service",
};

/** What people did to an alarm and what there is to say of it beside its value, a line each. */
export function AlarmNotes({ alarm }: { readonly alarm: AlarmView }): JSX.Element | null {
  const now = useNow();
  const { acked, shelved, suppressed, out_of_service: out, advice } = alarm;
  const notes = [
    ...(alarm.first_out === true ? ["First of its group"] : []),
    ...(acked ? [`Acknowledged by ${actText(acked, now)}`] : []),
    ...(shelved ? [`Shelved until ${clockTime(shelved.until, now)} by ${actText(shelved, now)}`] : []),
    ...(suppressed ? [`Suppressed: ${suppressed}`] : []),
    ...(out ? [`Out of service by ${actText(out, now)}`] : []),
    ...(advice ? [`Chatters: ${advice}`] : []),
  ];
  if (notes.length === 0) return null;
  return (
    <ul class="notes small quiet">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

/** `eva, 4 min ago: seen it`. */
function actText({ by, at, comment }: AlarmActView, now: number): string {
  return `${by}, ${duration(now - at)} ago${comment === "" ? "" : `: ${comment}`}`;
}
