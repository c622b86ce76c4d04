import { z } from "zod";
import { expectationOf } from "./query.ts";
import { type Route, sendJson } from "./route.ts";

/** OpenAPI 3.1 of these routes, made from what serves them. */
function openApiOf(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Millwright collector",
      version: "1",
      description: "Times are ms since epoch. Levels are ok, warning, major, critical or unknown. Errors are RFC 9457 problems.",
    },
    paths,
    components: {
      schemas: {
        Problem: {
          type: "object",
          required: ["type", "title", "status"],
          properties: {
            type: { type: "string" },
            title: { type: "string" },
            status: { type: "integer" },
            detail: { type: "string" },
            errors: { type: "array", items: { type: "object" } },
          },
        },
      },
    },
  };
}

export function openApiRoute(routes: readonly Route[]): Route {
  const route: Route = {
    method: "get",
    path: "/openapi.json",
    summary: "This document",
    members: ["openapi", "paths"],
    handle: (_request, response) => sendJson(response, document),
  };
  const document = openApiOf([...routes, route]);
  return route;
}

function operation(route: Route): object {
  const problem = (description: string): object => ({
    description,
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  });
  const responses: Record<string, object> = { "200": { description: "What was asked for", content: content(route) } };
  if (route.query !== undefined || route.body !== undefined) responses["400"] = problem("The request is wrong; `errors` names each fault");
  for (const [status, meaning] of Object.entries(route.problems ?? {})) responses[status] = problem(meaning);
  return { summary: route.summary, parameters: parameters(route), ...requestBody(route), responses };
}

function content(route: Route): object {
  const type = route.answerType ?? "application/json";
  if (type !== "application/json") return { [type]: { schema: { type: "string" } } };
  return { [type]: { schema: { type: "object", required: route.members ?? [] } } };
}

function requestBody(route: Route): object {
  if (route.bodyType !== undefined)
    return { requestBody: { required: true, content: { [route.bodyType]: { schema: { type: "string", format: "binary" } } } } };
  return route.body === undefined
    ? {}
    : { requestBody: { required: true, content: { "application/json": { schema: schemaOf(route.body) } } } };
}

function parameters(route: Route): object[] {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    in: "path",
    name,
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(route.query?.shape ?? {}).map(([name, schema]) => ({
    in: "query",
    name,
    required: !schema.safeParse(undefined).success,
    description: expectationOf(schema) ?? "",
    schema: { type: "string" },
  }));
  const inHeader = Object.entries(route.headers ?? {}).map(([name, description]) => ({
    in: "header",
    name,
    required: true,
    description,
    schema: { type: "string" },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
