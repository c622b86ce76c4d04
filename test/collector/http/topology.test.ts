import { afterEach, beforeEach, expect, it } from "vitest";
import type { NeighboursView, TopologyView } from "../../../core/topology-view.ts";
import { serve, type TestServer } from "./server.ts";

let server: TestServer;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

it("answers what hangs on one asset's ports, and the whole as a graph", async () => {
  const one = JSON.parse((await server.get("/api/v1/assets/core-sw-1/neighbours")).text) as NeighboursView;
  expect(one.ports.map(({ port, learnt }) => [port, learnt])).toEqual([
    ["Gi1/0/3", 1],
    ["Gi1/0/9", 1],
    ["Gi1/0/12", 0],
    ["Gi1/0/24", 212],
  ]);
  const all = JSON.parse((await server.get("/api/v1/topology")).text) as TopologyView;
  expect(all.suggestions).toMatchObject([{ asset: "filler-31", via: ["core-sw-1"] }]);
  expect(all.links).toMatchObject([{ ends: [{ asset: "core-sw-1", port: "Gi1/0/3" }, { asset: "filler-31" }], by: ["forwarding"] }]);
});

it.each([
  ["an unknown asset", "/api/v1/assets/nobody/neighbours", 404],
  ["an unknown parameter of one", "/api/v1/assets/core-sw-1/neighbours?depth=2", 400],
  ["an unknown parameter of all", "/api/v1/topology?depth=2", 400],
])("refuses %s", async (_, path, status) => {
  expect((await server.get(path)).status).toBe(status);
});
