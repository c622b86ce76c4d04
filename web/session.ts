import { useEffect, useState } from "preact/hooks";
import type { SessionView } from "../core/api.ts";
import { fetchJson, postJson } from "./api.ts";

/** Who looks at this page: nobody has been asked, somebody has to sign in, or the collector lets them see. */
export type Session = { readonly phase: "asking" | "out" } | { readonly phase: "in"; readonly view: SessionView };

let session: Session = { phase: "asking" };
const listeners = new Set<() => void>();

function set(next: Session): void {
  if (session.phase === next.phase) return;
  session = next;
  for (const listener of listeners) listener();
}

export function useSession(): Session {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = (): void => redraw((n) => n + 1);
    listeners.add(listener);
    // The answer may have come between the first drawing and this.
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return session;
}

/** Whether who looks may act on alarms and incidents: a button that is always refused is none. */
export function useMayAct(): boolean {
  const current = useSession();
  return current.phase === "in" && current.view.rights.includes("act");
}

let asking = false;

/** Asks the collector who we are, until it answers. */
export async function askSession(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const view = await fetchJson<SessionView>("/api/v1/session");
    set(view.sign_in && view.kind === "nobody" ? { phase: "out" } : { phase: "in", view });
  } catch {
    setTimeout(() => void askSession(), 3000);
  } finally {
    asking = false;
  }
}

/** Rejects with ApiError, whose message is for people. */
export async function signIn(user: string, password: string): Promise<void> {
  await postJson("/api/v1/session", { user, password });
  await askSession();
}

/** Whatever was on the screen is not for the next one who looks: the page begins anew. */
export async function signOut(): Promise<void> {
  await postJson("/api/v1/session/end", {});
  location.reload();
}
