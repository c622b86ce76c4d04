import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IncidentBook } from "../../../collector/incidents/book.ts";
import type { Hurt } from "../../../collector/incidents/hurt.ts";
import { Desk, type DeskRules } from "../../../collector/notify/desk.ts";
import { compileRoutes } from "../../../collector/notify/routes.ts";
import { configOf } from "../stage.ts";

const minute = 60_000;
const channels = Object.fromEntries(["duty", "boss", "mail", "am"].map((id) => [id, { webhook: { url: "https://h.example" } }]));
const calendars = { night: { zone: "UTC", open: ["Mon-Sun 22:00-06:00"] }, shift: { zone: "UTC", open: ["Mon-Fri 06:00-22:00"] } };
const assets = { f31: { at: "acme/brno/hall-1" }, f32: { at: "acme/brno/hall-1" }, ups: { at: "acme/ostrava" } };

function hurt(id: string, more: Partial<Hurt> = {}): Hurt {
  return { id, name: id, owner: "ops", level: "major", unplanned: true, blind: false, why: `${id} is hurt`, causes: ["f31"], ...more };
}

/** A desk with its book, from a Monday at noon UTC on. */
class Office {
  readonly book: IncidentBook;
  readonly desk: Desk;
  readonly facts: Map<string, string>;
  readonly rules: DeskRules;
  now: number;

  constructor(routes: readonly object[], { facts = new Map<string, string>(), now = Date.UTC(2026, 10, 30, 12) } = {}) {
    const config = configOf({ notify: { routes, channels }, calendars, assets });
    this.facts = facts;
    this.now = now;
    this.book = new IncidentBook(facts);
    const refreshMs = (channel: string) => (channel === "am" ? 20 * minute : undefined);
    this.rules = { routes: compileRoutes(config), refreshMs };
    this.desk = new Desk(this.book, this.rules, facts);
  }

  /** Services as they are now; then a look at the desk. */
  set(...services: readonly Hurt[]): readonly string[] {
    this.book.step(services, this.now);
    return this.look();
  }

  /** Lets time pass with a look every so often; what was told, and how many minutes after the start of this wait. */
  wait(ms: number, everyMs = 10_000): readonly string[] {
    const start = this.now;
    const told: string[] = [];
    while (this.now < start + ms) {
      this.now += everyMs;
      for (const line of this.look()) told.push(`${Math.round((this.now - start) / minute)} ${line}`);
    }
    return told;
  }

  look(): readonly string[] {
    const lines = this.desk
      .tick(this.now)
      .map(({ channel, news }) => `${channel}: ${news.map(({ kind, incident }) => `${kind} ${incident.causes.join("+")}`).join(", ")}`);
    for (const [key, text] of [...this.book.dirtyFacts(), ...this.desk.dirtyFacts()]) this.facts.set(key, text);
    return lines;
  }

  ack(): void {
    for (const { view } of this.book.open) this.book.acknowledge(view.id, { by: "eva", comment: "" }, this.now);
  }
}

describe("who is told", () => {
  it.each([
    { what: "from the level on", route: { level: "critical" }, told: [] },
    { what: "by owner", route: { services: { owner: "ops" } }, told: ["duty: opened f31"] },
    { what: "not another's", route: { services: { owner: "it" } }, told: [] },
    { what: "by service", route: { services: { id: ["mes", "line"] } }, told: ["duty: opened f31"] },
    { what: "not another service", route: { services: { id: "mes" } }, told: [] },
    { what: "by place of a cause", route: { at: "acme/brno" }, told: ["duty: opened f31"] },
    { what: "not a place that only begins so", route: { at: "acme/br" }, told: [] },
    { what: "while a calendar is open", route: { calendar: "shift" }, told: ["duty: opened f31"] },
    { what: "not outside of it", route: { calendar: "night" }, told: [] },
  ])("$what", ({ route, told }) => {
    expect(new Office([{ group: "0s", to: ["duty"], ...route }]).set(hurt("line"))).toEqual(told);
  });

  it("two routes to one channel are one message", () => {
    const office = new Office([
      { group: "0s", to: ["duty"] },
      { group: "0s", to: ["duty", "mail"] },
    ]);
    expect(office.set(hurt("line"))).toEqual(["duty: opened f31", "mail: opened f31"]);
  });

  it("planned work is not told; what goes on beyond its window is, and what was told before is resolved in it", () => {
    const office = new Office([{ group: "0s", to: ["duty"] }]);
    expect(office.set(hurt("line", { unplanned: false }))).toEqual([]);
    expect(office.set(hurt("line"))).toEqual(["duty: opened f31"]);
    expect(office.set(hurt("line", { unplanned: false }))).toEqual(["duty: updated f31"]);
    expect(office.set()).toEqual(["duty: resolved f31"]);
  });
});

describe("when", () => {
  it("what comes within `group` goes into one message, and what is over by then is not told", () => {
    const office = new Office([{ group: "30s", to: ["duty"] }]);
    expect(office.set(hurt("line"), hurt("x", { causes: ["ups"] }))).toEqual([]);
    office.now += 20_000;
    expect(office.set(hurt("line"), hurt("y", { causes: ["f32"] }))).toEqual([]);
    office.now += 10_000;
    expect(office.look()).toEqual(["duty: opened f31, opened f32"]);
    expect(office.set()).toEqual(["duty: resolved f31, resolved f32"]);
  });

  it("a thousand incidents are twenty messages", () => {
    const office = new Office([{ group: "10s", to: ["duty"] }]);
    office.set(...Array.from({ length: 1000 }, (_, i) => hurt(`s${i}`, { causes: [`a${i}`] })));
    office.now += 10_000;
    expect(office.look()).toHaveLength(20);
  });

  it("repeats until somebody acknowledges it, and again once it is worse", () => {
    const office = new Office([{ group: "0s", repeat: "1h", to: ["duty"] }]);
    office.set(hurt("line"));
    expect(office.wait(130 * minute)).toEqual(["60 duty: repeated f31", "120 duty: repeated f31"]);
    office.ack();
    expect(office.wait(120 * minute)).toEqual([]);
    expect(office.set(hurt("line", { level: "critical" }))).toEqual(["duty: updated f31"]);
    expect(office.wait(61 * minute)).toEqual(["60 duty: repeated f31"]);
  });

  it("a medium that forgets is told again, acknowledged or not", () => {
    const office = new Office([{ group: "0s", repeat: "0s", to: ["am"] }]);
    office.set(hurt("line"));
    office.ack();
    expect(office.wait(45 * minute)).toEqual(["20 am: repeated f31", "40 am: repeated f31"]);
  });

  it("escalates by time while nobody acknowledges, and by level", () => {
    const escalate = [
      { after: "15m", to: ["boss"] },
      { level: "critical", to: ["mail"] },
    ];
    const office = new Office([{ group: "0s", repeat: "0s", to: ["duty"], escalate }]);
    office.set(hurt("line"));
    expect(office.wait(20 * minute)).toEqual(["15 boss: escalated f31"]);
    expect(office.set(hurt("line", { level: "critical" }))).toEqual(["duty: updated f31", "boss: updated f31", "mail: escalated f31"]);
    expect(office.set()).toEqual(["duty: resolved f31", "boss: resolved f31", "mail: resolved f31"]);
    office.set(hurt("line"));
    office.ack();
    expect(office.wait(60 * minute)).toEqual([]);
  });

  it("quiet hours hold back all but resolves; what is still open is told at their end", () => {
    const office = new Office([{ group: "0s", repeat: "1h", quiet: "night", to: ["duty"] }], { now: Date.UTC(2026, 10, 30, 21, 50) });
    expect(office.set(hurt("line"))).toEqual(["duty: opened f31"]);
    expect(office.wait(15 * minute)).toEqual([]);
    expect(office.set(hurt("line", { level: "critical" }), hurt("x", { causes: ["ups"] }))).toEqual([]);
    expect(office.set(hurt("x", { causes: ["ups"] }), hurt("y", { causes: ["f32"] }))).toEqual(["duty: resolved f31"]);
    expect(office.set(hurt("x", { causes: ["ups"] }))).toEqual([]);
    expect(office.wait(480 * minute, minute)).toEqual(["475 duty: opened ups"]);
  });

  it("quiet hours let through what is bad enough, and do not start an escalation", () => {
    const escalate = [{ after: "15m", to: ["boss"] }];
    const route = { group: "0s", quiet: { calendar: "night", below: "critical" }, to: ["duty"], escalate };
    const office = new Office([route], { now: Date.UTC(2026, 10, 30, 23) });
    expect(office.set(hurt("line"))).toEqual([]);
    expect(office.wait(60 * minute)).toEqual([]);
    expect(office.set(hurt("line", { level: "critical" }))).toEqual(["duty: opened f31"]);
    expect(office.wait(16 * minute)).toEqual(["15 boss: escalated f31"]);
  });

  it("what is still open when a shift begins is told then", () => {
    const office = new Office([{ group: "0s", calendar: "shift", to: ["duty"] }], { now: Date.UTC(2026, 10, 30, 5, 30) });
    expect(office.set(hurt("line"))).toEqual([]);
    expect(office.wait(60 * minute, minute)).toEqual(["30 duty: opened f31"]);
  });
});

describe("over a restart", () => {
  it("nothing is told twice, and the resolve is not forgotten", () => {
    const routes = [{ group: "0s", to: ["duty"] }];
    const before = new Office(routes);
    before.set(hurt("line"));
    const after = new Office(routes, { facts: before.facts, now: before.now + minute });
    expect(after.set(hurt("line"))).toEqual([]);
    const later = new Office(routes, { facts: after.facts, now: after.now + minute });
    expect(later.set()).toEqual(["duty: resolved f31"]);
    expect(new Office(routes, { facts: later.facts, now: later.now + minute }).set()).toEqual([]);
  });

  it("a route that config no longer has is no reason to leave anybody with an open incident", () => {
    const before = new Office([{ group: "0s", to: ["duty"] }]);
    before.set(hurt("line"));
    expect(new Office([], { facts: before.facts }).set()).toEqual(["duty: resolved f31"]);
  });
});

const states = fc.array(
  fc.record({
    wait: fc.constantFrom(1000, 20_000, 15 * minute, 180 * minute),
    line: fc.constantFrom("ok", "planned", "warning", "major", "critical"),
    mes: fc.constantFrom("ok", "major"),
    ack: fc.boolean(),
    restart: fc.boolean(),
  }),
  { maxLength: 25 },
);

/** The plant as one step of `states` has it. */
function hurtAs({ line, mes }: { readonly line: string; readonly mes: string }): readonly Hurt[] {
  const services: Hurt[] = [];
  if (line === "planned") services.push(hurt("line", { unplanned: false }));
  else if (line !== "ok") services.push(hurt("line", { level: line as Hurt["level"] }));
  if (mes !== "ok") services.push(hurt("mes", { causes: ["ups"] }));
  return services;
}

it("an incident that is let rest until something is due is told as one that is looked at each time", () => {
  const routes = [
    {
      to: ["duty"],
      quiet: "night",
      repeat: "3m",
      escalate: [
        { after: "10m", to: ["boss"] },
        { level: "critical", to: ["mail"] },
      ],
    },
    { level: "critical", calendar: "shift", to: ["mail"] },
    { level: "warning", group: "1m", to: ["am"] },
  ];
  fc.assert(
    fc.property(states, fc.integer({ min: 0, max: 24 * 60 }), (steps, shift) => {
      const now = Date.UTC(2026, 10, 30, 12) + shift * minute;
      const [resting, awake] = [new Office(routes, { now }), new Office(routes, { now })];
      for (const { wait, ack, ...plant } of steps) {
        for (const office of [resting, awake]) office.book.step(hurtAs(plant), office.now);
        if (ack) for (const office of [resting, awake]) office.ack();
        for (let waited = 0; waited <= Math.min(wait, 20 * minute); waited += 10_000) {
          awake.desk.renew(awake.rules);
          expect(resting.look()).toEqual(awake.look());
          for (const office of [resting, awake]) office.now += 10_000;
        }
      }
    }),
    { numRuns: 60 },
  );
});

it("whatever happens, a channel hears of an incident from the first word to one resolve, and of nothing after it", () => {
  const routes = [
    { to: ["duty"], quiet: "night", escalate: [{ after: "10m", to: ["boss"] }] },
    { level: "critical", calendar: "shift", to: ["mail"] },
    { level: "warning", group: "1m", to: ["am"] },
  ];
  fc.assert(
    fc.property(states, (steps) => {
      let office = new Office(routes);
      const open = new Map<string, "open" | "resolved">();
      const check = (): void => {
        for (const { channel, news } of office.desk.tick(office.now)) {
          for (const { kind, incident, was } of news) {
            const key = `${channel} ${incident.id}`;
            const first = kind === "opened" || kind === "escalated";
            expect(open.get(key)).toBe(first ? undefined : "open");
            expect(was === null).toBe(first);
            open.set(key, kind === "resolved" ? "resolved" : "open");
          }
        }
        for (const [k, text] of [...office.book.dirtyFacts(), ...office.desk.dirtyFacts()]) office.facts.set(k, text);
      };
      for (const { wait, line, mes, ack, restart } of [...steps, { wait: 1000, line: "ok", mes: "ok", ack: false, restart: false }]) {
        office.book.step(hurtAs({ line, mes }), office.now);
        check();
        if (ack) office.ack();
        office.now += wait;
        check();
        if (restart) office = new Office(routes, { facts: office.facts, now: office.now });
      }
      expect([...open.values()].filter((state) => state === "open")).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
