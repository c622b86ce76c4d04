import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { IncidentView } from "../core/incident-view.ts";
import { ActDialog, textOf } from "./act-dialog.tsx";
import { postJson } from "./api.ts";
import { useMayAct } from "./session.ts";

/** A button that says that somebody has an incident in hand, with the alarms of its causes; nothing where that was said, or may not be. */
export function AcknowledgeIncident({ incident }: { readonly incident: IncidentView }): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const mayAct = useMayAct();
  const { id, title, state, ack } = incident;
  if (!mayAct || state === "resolved" || ack !== null) return null;
  const send = (form: FormData): Promise<unknown> => {
    const comment = textOf(form, "text");
    const body = { by: textOf(form, "who"), alarms: form.has("alarms"), ...(comment === "" ? {} : { comment }) };
    return postJson(`/api/v1/incidents/${encodeURIComponent(id)}/acknowledge`, body);
  };
  return (
    <div class="acts">
      <button type="button" aria-label={`Acknowledge: ${title}`} onClick={() => setOpen(true)}>
        Acknowledge
      </button>
      {open ? (
        <ActDialog name="Acknowledge" about={title} text="Comment" send={send} onClose={() => setOpen(false)}>
          <label class="check">
            <input type="checkbox" name="alarms" defaultChecked /> and the alarms of its causes
          </label>
        </ActDialog>
      ) : null}
    </div>
  );
}
