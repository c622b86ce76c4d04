import { afterEach, beforeEach, expect, it } from "vitest";
import type { AlarmActs } from "../../../collector/alarm-acts.ts";
import type { IncidentView } from "../../../core/incident-view.ts";
import { openHouse } from "../door/guests.ts";
import { serve, type TestServer } from "./server.ts";

let server: TestServer;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

async function list(query = ""): Promise<readonly IncidentView[]> {
  const answer = await server.get(`/api/v1/incidents${query}`);
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.text) as { incidents: IncidentView[] }).incidents;
}
const post = (path: string, body: string, type = "application/json") =>
  fetch(`${server.url}${path}`, { method: "POST", body, headers: { "content-type": type } });

it("lists incidents by state, service and time", async () => {
  const [first] = await list();
  expect(first).toMatchObject({ state: "open", ack: null });
  const service = first?.services[0]?.id ?? "";
  expect(await list(`?state=open&service=${service}`)).toHaveLength(1);
  expect(await list("?state=resolved")).toEqual([]);
  expect(await list("?service=nobody")).toEqual([]);
  expect(await list(`?to=${first?.opened}`)).toEqual([]);
  expect(await list(`?from=${(first?.opened ?? 0) + 1}&limit=1`)).toHaveLength(1);
  expect((await server.get("/api/v1/incidents?state=shut")).status).toBe(400);
  expect((await server.get("/api/v1/incidents/nobody")).status).toBe(404);
});

it("takes an acknowledgement with a name, as JSON only", async () => {
  const [{ id } = { id: "" }] = await list();
  const path = `/api/v1/incidents/${id}/acknowledge`;
  expect((await post(path, "{}")).status).toBe(400);
  // What a form of another site could send.
  expect((await post(path, '{"by": "eva"}', "text/plain")).status).toBe(400);
  expect((await post("/api/v1/incidents/nobody/acknowledge", '{"by": "eva"}')).status).toBe(404);
  const answer = await post(path, '{"by": "eva", "comment": "on my way"}');
  expect([answer.status, await answer.json()]).toMatchObject([200, { id, ack: { by: "eva", comment: "on my way" } }]);
  const [after] = await list();
  expect(after?.history.at(-1)?.text).toBe("acknowledged by eva: on my way");
});

it("acknowledges the alarms of its causes, too, where that is asked for: those that wait for it", async () => {
  const done: string[] = [];
  const acts: AlarmActs = {
    act({ alarm, act, by }) {
      done.push(`${act} ${alarm} ${by}`);
      return Promise.resolve({ kind: "done" });
    },
    recent: () => [],
  };
  const other = await serve({ acts });
  try {
    const { incidents } = (await other.get("/api/v1/incidents")).json as { incidents: IncidentView[] };
    const [{ id, causes } = { id: "", causes: [] as readonly string[] }] = incidents;
    const [cause = ""] = causes;
    const [alarm] = other.view.plant.alarms;
    if (alarm === undefined) throw new Error("the sample plant has no alarm");
    other.view.plant.alarms = [
      { ...alarm, id: "waiting", asset: cause, isa: "unacknowledged" },
      { ...alarm, id: "seen", asset: cause, isa: "acknowledged" },
      { ...alarm, id: "elsewhere", asset: "elsewhere", isa: "unacknowledged" },
    ];
    const ask = (body: object) =>
      other.post(`/api/v1/incidents/${id}/acknowledge`, JSON.stringify(body), { "content-type": "application/json" });
    expect((await ask({ by: "eva" })).status).toBe(200);
    expect(done).toEqual([]);
    expect((await ask({ by: "eva", alarms: true })).status).toBe(200);
    expect(done).toEqual(["ack waiting eva"]);
    expect((await ask({ by: "e\u202eva" })).status).toBe(400);
  } finally {
    await other.close();
  }
});

it("writes down who signed in, whatever the body says", async () => {
  const house = await openHouse();
  try {
    const operator = await house.signIn("operator");
    const { incidents } = (await house.server.get("/api/v1/incidents", operator)).json as { incidents: IncidentView[] };
    const path = `/api/v1/incidents/${incidents[0]?.id}/acknowledge`;
    const answer = await house.server.post(path, '{"by": "somebody else"}', { ...operator, "content-type": "application/json" });
    expect([answer.status, answer.json]).toMatchObject([200, { ack: { by: "operator" } }]);
    expect((await house.server.post(path, '{"by": "eva"}', { "content-type": "application/json" })).status).toBe(401);
  } finally {
    await house.close();
  }
});
