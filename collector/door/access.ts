import type { Right } from "./rights.ts";

/**
 * What a route asks for: a right; `open`, which anybody has; `join`, which is a join token or the key of an agent that is enrolled.
 * docs/security.md shows the same table, and test/collector/door/matrix.test.ts walks it.
 */
export type Access = Right | "open" | "join";

/** Every route of the collector. What is not in here is refused, whoever asks. */
const table: Readonly<Record<string, Access>> = {
  "GET /healthz": "open",
  "GET /readyz": "open",
  "GET /metrics": "metrics",
  "GET /openapi.json": "read",
  "GET /api/v1/assets": "read",
  "GET /api/v1/assets/:id": "read",
  "GET /api/v1/assets/:id/impact": "read",
  "GET /api/v1/assets/:id/events": "read",
  "GET /api/v1/assets/:id/neighbours": "read",
  "GET /api/v1/topology": "read",
  "GET /api/v1/services": "read",
  "GET /api/v1/services/:id": "read",
  "GET /api/v1/services/:id/slo": "read",
  "GET /api/v1/reports/availability": "read",
  "GET /api/v1/what-if": "read",
  "POST /api/v1/what-if": "read",
  "GET /api/v1/services/:id/what-if": "read",
  "POST /api/v1/services/:id/what-if": "read",
  "GET /api/v1/alarms": "read",
  "GET /api/v1/alarm-acts": "read",
  "GET /api/v1/alarm-load": "read",
  "POST /api/v1/alarms/:id/ack": "act",
  "POST /api/v1/alarms/:id/unack": "act",
  "POST /api/v1/alarms/:id/shelve": "act",
  "POST /api/v1/alarms/:id/unshelve": "act",
  "POST /api/v1/alarms/:id/out-of-service": "act",
  "POST /api/v1/alarms/:id/return-to-service": "act",
  "POST /api/v1/alarms/:id/reset": "act",
  "GET /api/v1/incidents": "read",
  "GET /api/v1/incidents/:id": "read",
  "POST /api/v1/incidents/:id/acknowledge": "act",
  "GET /api/v1/notify/channels": "read",
  "POST /api/v1/notify/channels/:id/retry": "act",
  "GET /api/v1/agents": "read",
  "GET /api/v1/security": "admin",
  "GET /api/v1/readings/latest": "read",
  "GET /api/v1/readings/range": "read",
  "GET /api/v1/events": "read",
  "GET /api/v1/ingest": "ingest",
  "POST /api/v1/ingest": "ingest",
  "POST /api/v1/enrol": "join",
  "GET /api/v1/session": "open",
  "POST /api/v1/session": "open",
  "POST /api/v1/session/end": "open",
};

/** `GET /api/v1/assets/:id` to what it asks for; undefined where the table does not have it. */
export function accessOf(route: string): Access | undefined {
  return Object.hasOwn(table, route) ? table[route] : undefined;
}

/** Routes of the table, in its order. */
export const tabledRoutes: readonly string[] = Object.keys(table);
