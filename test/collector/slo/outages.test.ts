import { expect, test } from "vitest";
import { blamed, incidentsAmong, type Outage } from "../../../collector/slo/outages.ts";
import type { IncidentView } from "../../../core/incident-view.ts";

const why = "Line is major since 20:09: it needs 1 of 1 pumps and has 0";
const services: IncidentView["services"] = [{ id: "line", name: "Line", owner: "", level: "ok", why }];

function incident(id: string, opened: number, resolved: number | null): IncidentView {
  const state = resolved === null ? "open" : "resolved";
  const rest = { title: "", level: "major", worst: "major", planned: false, blind: false, ack: null, history: [] } as const;
  return { ...rest, id, state, opened, updated: opened, resolved, services, causes: [`pump-${id}`] };
}

const told = [incident("after", 20, 30), incident("open", 18, null), incident("within", 12, 15), incident("before", 0, 10)];
const outage = (kind: Outage["kind"], from: number, to: number): Outage => ({ kind, from, to });

test("an outage is told with the incidents that were open during it, the oldest first", () => {
  const [down] = blamed("line", [outage("down", 10, 20)], () => told);
  const reason = "It needs 1 of 1 pumps and has 0";
  expect(down?.incidents).toEqual([
    { id: "within", causes: ["pump-within"], reason },
    { id: "open", causes: ["pump-open"], reason },
  ]);
});

test("incidents are asked for once, of the whole stretch; of what nobody saw nobody says why", () => {
  const asked: unknown[] = [];
  const found = blamed("line", [outage("unknown", 5, 9), outage("planned", 19, 21)], (query) => {
    asked.push(query);
    return told;
  });
  expect(asked).toEqual([{ service: "line", from: 5, to: 21 }]);
  expect(found.map(({ incidents }) => incidents.map(({ id }) => id))).toEqual([[], ["open", "after"]]);
  expect(blamed("line", [], () => told)).toEqual([]);
});

test("an incident that lasted over several outages is named once among them", () => {
  const found = blamed("line", [outage("down", 18, 19), outage("down", 20, 22)], () => told);
  expect(incidentsAmong(found).map(({ id }) => id)).toEqual(["open", "after"]);
});
