import type { ComponentChildren, JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { recall, remember } from "./memory.ts";
import { useSession } from "./session.ts";

const whoKey = "millwright-who";

interface ActDialogProps {
  /** On its head and its button. */
  readonly name: string;
  /** What it is done to. */
  readonly about: string;
  /** What the text is that people write with it; a reason has to be given. */
  readonly text: "Comment" | "Reason";
  /** Fields of its own. */
  readonly children?: ComponentChildren;
  /** Sends what was filled in: `who`, `text` and the fields. A rejection is shown, and the dialog stays. */
  readonly send: (form: FormData) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks who does it and why, and does it. */
export function ActDialog({ name, about, text, children, send, onClose }: ActDialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    remember(whoKey, textOf(form, "who"));
    setBusy(true);
    try {
      await send(form);
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="act" aria-labelledby="act-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="act-title">{name}</h2>
        <p>{about}</p>
        <Who />
        {children}
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
          <button type="submit" disabled={busy}>
            {name}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Who has signed in need not say it again. */
function Who(): JSX.Element {
  const session = useSession();
  if (session.phase === "in" && session.view.kind === "user") return <input type="hidden" name="who" value={session.view.name} />;
  return (
    <label>
      Your name
      <input name="who" required maxLength={100} defaultValue={recall(whoKey) ?? ""} autocomplete="name" />
    </label>
  );
}

/** What was written into a field; empty where nothing was. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
}
