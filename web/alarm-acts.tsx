import type { JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AlarmAct, AlarmView, IsaState } from "../core/api.ts";
import { postJson } from "./api.ts";
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

/** What people may do to an alarm now: a button each, which opens a form. Nothing where the collector does not say its state. */
export function AlarmActs({ alarm }: { readonly alarm: AlarmView }): JSX.Element | null {
  const [open, setOpen] = useState<AlarmAct | undefined>(undefined);
  if (alarm.isa === undefined) return null;
  return (
    <div class="acts">
      {possible[alarm.isa].map((act) => (
        <button key={act} type="button" aria-label={`${words[act].name}: ${alarm.text}`} onClick={() => setOpen(act)}>
          {words[act].name}
        </button>
      ))}
      {open === undefined ? null : <ActDialog alarm={alarm} act={open} onClose={() => setOpen(undefined)} />}
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

const whoKey = "millwright-who";

interface DialogProps {
  readonly alarm: AlarmView;
  readonly act: AlarmAct;
  readonly onClose: () => void;
}

function ActDialog({ alarm, act, onClose }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    localStorage.setItem(whoKey, textOf(form, "who"));
    try {
      await postJson(`/api/v1/alarms/${encodeURIComponent(alarm.id)}/${act}`, bodyOf(act, form));
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const { name, text } = words[act];
  return (
    <dialog ref={dialog} class="act" aria-labelledby="act-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="act-title">{name}</h2>
        <p>{alarm.text}</p>
        <label>
          Your name
          <input name="who" required maxLength={100} defaultValue={localStorage.getItem(whoKey) ?? ""} autocomplete="name" />
        </label>
        {act === "shelve" ? <ShelfLength /> : null}
        <label>
          {text === "Reason" ? "Reason" : "Comment (optional)"}
          <input name="text" required={text === "Reason"} maxLength={1000} />
        </label>
        {problem === "" ? null : (
          <p role="alert" class="text-critical">
            {problem}
          </p>
        )}
        <div class="acts">
          <button type="submit">{name}</button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}

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

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
}
