import { expect, it } from "vitest";
import { IncidentBook } from "../../../collector/incidents/book.ts";
import type { Hurt } from "../../../collector/incidents/hurt.ts";

const hurt = (id: string): Hurt => ({
  id,
  name: id,
  owner: "",
  level: "major",
  unplanned: true,
  blind: false,
  why: `${id} is hurt`,
  causes: [`asset-of-${id}`],
});

it("what is over gives its place to what is new, so that facts do not grow for ever", () => {
  const facts = new Map<string, string>();
  const book = new IncidentBook(facts);
  book.step([hurt("stays")], 1);
  for (let i = 0; i < 700; i++) {
    book.step([hurt("stays"), hurt(`s${i}`)], 10 * i + 2);
    book.step([hurt("stays")], 10 * i + 3);
    for (const [key, text] of book.dirtyFacts()) facts.set(key, text);
  }
  expect(facts.size).toBeLessThan(505);
  const after = new IncidentBook(facts);
  expect(after.open.map(({ view }) => view.services[0]?.id)).toEqual(["stays"]);
  const resolved = after.query({ state: "resolved" });
  expect(resolved).toEqual(book.query({ state: "resolved" }));
  expect([resolved.length > 499, resolved[0]?.services[0]?.id]).toEqual([true, "s699"]);
  expect(after.step([], 10_000)).toMatchObject([{ view: { state: "resolved", opened: 1 } }]);
});

it("facts that cannot be read are none", () => {
  const facts = new Map([
    ["incident/0", "{"],
    ["incident/1", "null"],
    ["incident/2", '{"seq": 1}'],
  ]);
  expect(new IncidentBook(facts).query({})).toEqual([]);
});

it("ten thousand services fall at once and recover at once", () => {
  const book = new IncidentBook(new Map());
  const services = Array.from({ length: 10_000 }, (_, i) => hurt(`s${i}`));
  expect(book.step(services, 1)).toHaveLength(10_000);
  expect(book.step(services, 2)).toHaveLength(0);
  expect(book.step([], 3)).toHaveLength(10_000);
});
