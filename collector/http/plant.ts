import { z } from "zod";
import type { AssetView } from "../../core/asset-view.ts";
import type { CollectorView } from "../view.ts";
import { ProblemError } from "./problem.ts";
import { idParameter, integerParameter, readQuery } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";

const nothing = z.object({});
const alarmQuery = z.object({
  asset: idParameter("the id of an asset").optional(),
  all: z
    .enum(["true", "false"])
    .meta({ description: "true or false: also alarms that wait for people, or are put aside, while their process is normal" })
    .optional(),
  limit: integerParameter(1, 100_000).optional(),
  offset: integerParameter(0, 10_000_000).optional(),
});

/** Assets, services, alarms and agents as they stand. */
export function plantRoutes(view: CollectorView): Route[] {
  return [
    list("/api/v1/assets", "Every asset: its level, place and sources", "assets", () => view.assets()),
    {
      ...one("/api/v1/assets/:id", "One asset, with its alarms"),
      handle(request, response) {
        readQuery(nothing, request.query);
        const asset = assetOf(view, pathParameter(request, "id"));
        sendJson(response, { ...asset, alarms: view.alarms().filter((alarm) => alarm.asset === asset.id) });
      },
    },
    {
      method: "get",
      path: "/api/v1/assets/:id/impact",
      summary: "What else fails if this asset does: services that would be worse, and assets that could not be reached",
      members: ["asset", "services", "unreachable"],
      problems: { 404: "nothing has this id" },
      handle(request, response) {
        readQuery(nothing, request.query);
        const id = pathParameter(request, "id");
        const impact = view.impact(id);
        if (impact === undefined) throw new ProblemError(404, `there is no asset ${JSON.stringify(id)}`);
        sendJson(response, impact);
      },
    },
    list("/api/v1/services", "Every business service: its level, since when, why, and the assets to blame", "services", () =>
      view.services(),
    ),
    {
      ...one("/api/v1/services/:id", "One service, with the tree of what it needs and its alarms"),
      handle(request, response) {
        readQuery(nothing, request.query);
        const id = pathParameter(request, "id");
        const service = view.service(id);
        if (service === undefined) throw new ProblemError(404, `there is no service ${JSON.stringify(id)}`);
        sendJson(response, service);
      },
    },
    {
      method: "get",
      path: "/api/v1/alarms",
      summary: "Alarms that are not normal, the worst first, of all assets or of one; `limit` and `offset` for a part of them",
      query: alarmQuery,
      members: ["alarms"],
      handle(request, response) {
        const { asset, all, limit = Number.POSITIVE_INFINITY, offset = 0 } = readQuery(alarmQuery, request.query);
        if (asset === undefined) return sendJson(response, { alarms: view.alarms(all === "true", { limit, offset }) });
        const { id } = assetOf(view, asset);
        const own = view.alarms(all === "true").filter((alarm) => alarm.asset === id);
        sendJson(response, { alarms: own.slice(offset, offset + limit) });
      },
    },
    {
      method: "get",
      path: "/api/v1/alarm-load",
      summary: "How much alarms ask of people: flood, chattering ones, and what would calm them",
      members: ["last_10_minutes", "flood", "announced_total", "most_frequent"],
      handle(request, response) {
        readQuery(nothing, request.query);
        sendJson(response, view.alarmLoad());
      },
    },
    list("/api/v1/agents", "Every agent: last seen, clock skew, spool, losses", "agents", () => view.agents()),
  ];
}

/** The asset of this id; throws a 404 problem. */
export function assetOf(view: Pick<CollectorView, "asset">, id: string): AssetView {
  const asset = view.asset(id);
  if (asset === undefined) throw new ProblemError(404, `there is no asset ${JSON.stringify(id)}`);
  return asset;
}

function list(path: string, summary: string, member: string, read: () => readonly unknown[]): Route {
  return {
    method: "get",
    path,
    summary,
    members: [member],
    handle(request, response) {
      readQuery(nothing, request.query);
      sendJson(response, { [member]: read() });
    },
  };
}

function one(path: string, summary: string): Pick<Route, "method" | "path" | "summary" | "members" | "problems"> {
  return { method: "get", path, summary, members: ["id", "name", "level"], problems: { 404: "nothing has this id" } };
}
