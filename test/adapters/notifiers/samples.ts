import type { IncidentView } from "../../../core/incident-view.ts";
import type { News, Notification } from "../../../core/notifier.ts";

/** An incident of a test; its names are as hostile as a device may make them. */
export function incident(more: Partial<IncidentView> = {}): IncidentView {
  return {
    id: "k1-7",
    title: 'Line "3" <b>is</b> critical',
    state: "open",
    level: "critical",
    worst: "critical",
    planned: false,
    blind: false,
    opened: Date.now() - 60_000,
    updated: Date.now() - 60_000,
    resolved: null,
    causes: ["filler-31"],
    services: [{ id: "line-3", name: "Line 3", owner: "ops", level: "critical", why: "Line 3 is critical: [x](http://evil)" }],
    ack: null,
    history: [],
    ...more,
  };
}

export function notification(
  news: readonly News[] = [{ kind: "opened", incident: incident(), was: null }],
  more: Partial<Notification> = {},
): Notification {
  const title = news[0]?.incident.title ?? "";
  return {
    id: "5a5f0f3e-1",
    time: Date.now(),
    title,
    text: "first line\nsecond [link](http://evil) & more",
    level: "critical",
    news,
    url: "",
    ...more,
  };
}
