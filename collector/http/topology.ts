import { z } from "zod";
import type { CollectorView } from "../view.ts";
import { ProblemError } from "./problem.ts";
import { readQuery } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";

const nothing = z.object({});

/** What hangs on which port of what. */
export function topologyRoutes({ topology }: Pick<CollectorView, "topology">): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/assets/:id/neighbours",
      summary: "What hangs on the asset's ports: neighbours by LLDP and CDP, addresses learnt, which assets they are; and its likely `via`",
      members: ["asset", "since", "ports", "links", "suggestion"],
      problems: { 404: "nothing has this id" },
      handle(request, response) {
        readQuery(nothing, request.query);
        const id = pathParameter(request, "id");
        const neighbours = topology.neighbours(id);
        if (neighbours === undefined) throw new ProblemError(404, `there is no asset ${JSON.stringify(id)}`);
        sendJson(response, neighbours);
      },
    },
    {
      method: "get",
      path: "/api/v1/topology",
      summary: "The network as a graph: assets, links with ports and what saw them, unknown neighbours, and suggestions for `via`",
      members: ["assets", "links", "unknown", "suggestions"],
      handle(request, response) {
        readQuery(nothing, request.query);
        sendJson(response, topology.topology());
      },
    },
  ];
}
