import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlarmAct, AlarmView, IsaState } from "../core/alarm-view.ts";
import { ActDialog, textOf } from "./act-dialog.tsx";
import { postJson } from "./api.ts";
import { useMayAct } from "./session.ts";
import { collectorNow } from "./store.ts";

interface ActWords {
  /** On its button. */
  readonly name: string;
  /** What the text is that people write with it; a reason has to be given. */
  readonly text: "Comment" | "Reason";
}

const words: Readonly<Record<AlarmAct, ActWords>> = {
  ack: { name: "Acknowledge", text: "Comment" },
  unack: { name: "Take back", text: "Comment" },
  shelve: { name: "Shelve", text: "Reason" },
  unshelve: { name: "Unshelve", text: "Comment" },
  "out-of-service": { name: "Out of service", text: "Reason" },
  "return-to-service": { name: "Return to service", text: "Comment" },
  reset: { name: "Reset", text: "Comment" },
};

const possible: Readonly<Record<IsaState, readonly AlarmAct[]>> = {
  normal: ["shelve", "out-of-service"],
  unacknowledged: ["ack", "shelve", "out-of-service"],
  acknowledged: ["unack", "shelve", "out-of-service"],
  "returned-unacknowledged": ["ack"],
  latched: ["reset", "shelve", "out-of-service"],
  shelved: ["unshelve", "out-of-service"],
  "suppressed-by-design": ["shelve", "out-of-service"],
  "out-of-service": ["return-to-service"],
};

/** What people may do to an alarm now: a button each, which opens a form. Nothing where the collector does not say its state, or who looks may not. */
export function AlarmActs({ alarm }: { readonly alarm: AlarmView }): JSX.Element | null {
  const [open, setOpen] = useState<AlarmAct | undefined>(undefined);
  const mayAct = useMayAct();
  if (alarm.isa === undefined || !mayAct) return null;
  return (
    <div class="acts">
      {possible[alarm.isa].map((act) => (
        <button key={act} type="button" aria-label={`${words[act].name}: ${alarm.text}`} onClick={() => setOpen(act)}>
          {words[act].name}
        </button>
      ))}
      {open === undefined ? null : (
        <ActDialog
          {...words[open]}
          about={alarm.text}
          send={(form) => postJson(`/api/v1/alarms/${encodeURIComponent(alarm.id)}/${open}`, bodyOf(open, form))}
          onClose={() => setOpen(undefined)}
        >
          {open === "shelve" ? <ShelfLength /> : null}
        </ActDialog>
      )}
    </div>
  );
}

const hourMs = 3_600_000;
const shelves: readonly (readonly [name: string, ms: number])[] = [
  ["15 minutes", hourMs / 4],
  ["1 hour", hourMs],
  ["4 hours", 4 * hourMs],
  ["8 hours", 8 * hourMs],
  ["1 day", 24 * hourMs],
  ["7 days", 7 * 24 * hourMs - 60_000],
];

function ShelfLength(): JSX.Element {
  return (
    <label>
      For
      <select name="for">
        {shelves.map(([name, ms]) => (
          <option key={name} value={ms}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function bodyOf(act: AlarmAct, form: FormData): Record<string, unknown> {
  const text = textOf(form, "text");
  const who = textOf(form, "who");
  if (act === "shelve") return { who, reason: text, until: Math.round(collectorNow()) + Number(form.get("for")) };
  if (words[act].text === "Reason") return { who, reason: text };
  return text === "" ? { who } : { who, comment: text };
}
