import type { SecurityView } from "../../core/api.ts";
import { type Route, sendJson } from "./route.ts";

/** How the site is guarded, for those who may change it: IEC 62443-4-2 CR 7.6 asks for security settings in a form that machines read. */
export function securityRoutes(security: () => SecurityView): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/security",
      summary: "How the collector is guarded, who holds keys and tokens, and what in its config is weak, and where",
      members: ["listener", "agents", "tokens", "weak"],
      handle: (_request, response) => sendJson(response, security()),
    },
  ];
}
