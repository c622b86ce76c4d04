import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Audit } from "../../../collector/door/audit.ts";
import { isAgentName, matchesAny } from "../../../collector/door/enrolled.ts";
import { Limiter } from "../../../collector/door/limiter.ts";
import { hashPassword, isPassword, readHash } from "../../../collector/door/password.ts";
import { Records } from "../../../collector/door/records.ts";
import { ReplayGuard } from "../../../collector/door/replay.ts";
import { silentLog } from "../../../core/log.ts";
import { FakeClock } from "../../fake-clock.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "millwright-parts-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("passwords", () => {
  test("a hash fits its password only, and no two are alike", async () => {
    const [one, two] = await Promise.all([hashPassword("Žluťoučký kůň"), hashPassword("Žluťoučký kůň")]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await isPassword("Žluťoučký kůň".normalize("NFD"), one)).toBe(true);
    expect(await isPassword("žluťoučký kůň", one)).toBe(false);
  });

  test.each([
    "",
    "hunter2",
    "$scrypt$ln=15,r=8,p=3$c2FsdA",
    "$scrypt$ln=31,r=8,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=15,r=99,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=1,r=8,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=15,r=8,p=1$YQ$aGFzaGhhc2hoYXNoaGFzaA",
  ])("%j is no hash, or one that costs too much or too little", (text) => {
    expect(() => readHash(text)).toThrow(/^is /);
  });
});

describe("patterns of assets", () => {
  test.each([
    [["filler-*"], "filler-31", true],
    [["filler-*"], "a-filler-31", false],
    [["*"], "anything", true],
    [["a*b*c"], "a1b2c", true],
    [["a*b*c"], "acb", false],
    [["aa*aa"], "aaa", false],
    [["filler.31"], "filler-31", false],
    [["x", "y"], "y", true],
    [[], "y", false],
  ] as const)("%j and %s: %s", (patterns, id, expected) => {
    expect(matchesAny(patterns, id)).toBe(expected);
  });

  test("mean what a regular expression would", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "-", "*"), maxLength: 6 });
    fc.assert(fc.property(pattern, letters, (one, id) => matchesAny([one], id) === new RegExp(`^${one.replaceAll("*", ".*")}$`).test(id)));
  });
});

test.each(["..", "", "a/b", "a\0", "x".repeat(129), "a b"])("%j is no agent's name", (name) => {
  expect(isAgentName(name)).toBe(false);
});

test("records are made whole, once, and taken away once", () => {
  const records = new Records(join(dir, "r"), z.strictObject({ n: z.number() }));
  expect([records.create("a", { n: 1 }), records.create("a", { n: 2 })]).toEqual([true, false]);
  records.replace("a", { n: 3 });
  expect([records.get("a"), records.get("b"), records.ids()]).toEqual([{ n: 3 }, undefined, ["a"]]);
  writeFileSync(join(dir, "r", "c.json"), '{"n":');
  expect(() => records.get("c")).toThrow("c.json cannot be read");
  expect([records.remove("a"), records.remove("a")]).toEqual([true, false]);
  expect(readdirSync(join(dir, "r"))).toEqual(["c.json"]);
});

test("what another process does to a record counts at the next look", () => {
  const schema = z.strictObject({ n: z.number() });
  const [ours, theirs] = [new Records(join(dir, "shared"), schema), new Records(join(dir, "shared"), schema)];
  expect(ours.get("a")).toBeUndefined();
  for (let n = 0; n < 40; n++) {
    // At once after one another: within the grain of the file system's clock.
    theirs.create("a", { n });
    expect(ours.get("a")).toEqual({ n });
    theirs.replace("a", { n: n + 1000 });
    expect(ours.get("a")).toEqual({ n: n + 1000 });
    if (n % 2 === 0) writeFileSync(join(dir, "shared", "a.json"), '{"n":');
    if (n % 2 === 0) expect(() => ours.get("a")).toThrow("cannot be read");
    theirs.remove("a");
    expect(ours.get("a")).toBeUndefined();
  }
});

test("the audit log begins a new file when one is full, and keeps so many", () => {
  const clock = new FakeClock();
  const audit = new Audit({ dir: join(dir, "audit"), clock, log: silentLog, maxBytes: 300, keep: 2 });
  const entry = { who: 'user "eva"\n', from: "127.0.0.1", act: "sign in", outcome: "done" } as const;
  for (let i = 0; i < 20; i++) {
    clock.step(1000);
    audit.write({ ...entry, target: `${i} ${"x".repeat(300)}` });
  }
  const files = readdirSync(join(dir, "audit")).sort();
  expect(files).toHaveLength(3);
  const lines = files.flatMap((file) =>
    readFileSync(join(dir, "audit", file), "utf8")
      .trim()
      .split("\n"),
  );
  expect(lines.map((line) => JSON.parse(line)).every(({ target }) => target.length === 200)).toBe(true);
  expect(lines.at(-1)).toContain('"target":"19 ');
});

test("an act that cannot be written down is told in the log", () => {
  const told: object[] = [];
  writeFileSync(join(dir, "file"), "");
  const log = { ...silentLog, error: (fields: object) => void told.push(fields) };
  const audit = new Audit({ dir: join(dir, "file"), clock: new FakeClock(), log });
  audit.write({ who: "user eva", from: "", act: "sign in", target: "eva", outcome: "done" });
  expect(told).toMatchObject([{ who: "user eva", act: "sign in" }]);
});

test("so many hits in a window; a new window begins anew", async () => {
  const clock = new FakeClock();
  const limiter = new Limiter({ clock, tries: 2, windowMs: 1000 });
  expect([limiter.waitMs("a"), limiter.hit("a"), limiter.waitMs("a"), limiter.hit("a")]).toEqual([0, undefined, 0, undefined]);
  await clock.advance(400);
  expect([limiter.waitMs("a"), limiter.waitMs("b")]).toEqual([600, 0]);
  await clock.advance(600);
  limiter.hit("a");
  expect(limiter.waitMs("a")).toBe(0);
});

test("an agent whose clock is set back to the truth is heard; a recording is not", () => {
  const guard = new ReplayGuard();
  const hour = 3_600_000;
  let n = 0;
  const fault = (sentAt: number, now: number, signature = `${n++}`) => guard.fault({ agent: "hall-1", signature, sentAt, now });
  expect(fault(10 * hour, 8 * hour)).toBeUndefined();
  expect(fault(8 * hour, 8 * hour)).toBeUndefined();
  expect(fault(7 * hour, 8 * hour)).toContain("much older");
  expect(guard.fault({ agent: "hall-2", signature: "x", sentAt: hour, now: 8 * hour })).toBeUndefined();
});
