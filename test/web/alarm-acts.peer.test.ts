import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AlarmActs } from "../../collector/alarm-acts.ts";
import type { AlarmActEntry, AlarmView } from "../../core/alarm-view.ts";
import { serve, type TestServer } from "../collector/http/server.ts";
import { buildUi, openBrowser, openPage } from "./browser.ts";
import { violations } from "./violations.ts";

let ui: Awaited<ReturnType<typeof buildUi>>;
let browser: Browser;
let it: TestServer;
let entries: Omit<AlarmActEntry, "at">[];

beforeAll(async () => {
  [ui, browser] = await Promise.all([buildUi(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  ui.remove();
});
beforeEach(async () => {
  entries = [];
  const acts: AlarmActs = {
    act(entry) {
      entries.push(entry);
      if (entry.comment === "refuse") return Promise.resolve({ kind: "refused", why: "it is normal: there is nothing to acknowledge" });
      change(
        entry.alarm,
        entry.act === "ack" ? { isa: "acknowledged", acked: { by: entry.by, at: Date.now(), comment: entry.comment } } : { isa: "shelved" },
      );
      return Promise.resolve({ kind: "done" });
    },
    recent: () => [],
  };
  it = await serve({ webRoot: ui.root, now: Date.now, acts, listen: "127.0.0.1:0" });
  return () => it.close();
});

function change(id: string, how: Partial<AlarmView>): void {
  it.view.plant.alarms = it.view.plant.alarms.map((alarm) => (alarm.id === id ? { ...alarm, ...how } : alarm));
  for (const alarm of it.view.plant.alarms.filter((one) => one.id === id))
    it.view.emit({ type: "alarm", alarm: { ...alarm, cleared: false } });
}

test("an alarm is acknowledged and shelved from the keyboard, with a name that is remembered, and a refusal is said", async () => {
  const { page, context, complaints } = await openPage(browser, { theme: "light", width: 1280, height: 800 });
  await page.goto(`${it.url}/alarms`);
  await page.getByText("First of its group").waitFor();
  await page.getByText(/Acknowledged by eva/).waitFor();
  await page.getByText(/a dead band of 1.5/).waitFor();
  const row = page.getByRole("row").filter({ hasText: "Filler 31" });
  await row.getByRole("button", { name: /^Acknowledge/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Your name").waitFor();
  await page.getByLabel("Your name").fill("jan");
  await page.keyboard.press("Tab");
  await page.keyboard.type("refuse");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("there is nothing to acknowledge").waitFor();
  expect(await violations(page)).toEqual([]);
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, "alarm-act.png") });
  }
  await page.getByLabel(/Comment/).fill("on my way");
  await page.keyboard.press("Enter");
  await row.getByText(/Acknowledged by jan.*on my way/).waitFor();
  await row.getByRole("button", { name: /^Shelve/ }).click();
  await page.getByLabel("For").selectOption({ label: "1 hour" });
  await page.getByLabel("Reason").fill("gearbox");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Put aside" }).waitFor();
  expect(entries.map(({ act, by, comment }) => [act, by, comment])).toEqual([
    ["ack", "jan", "refuse"],
    ["ack", "jan", "on my way"],
    ["shelve", "jan", "gearbox"],
  ]);
  expect(Math.abs((entries[2]?.until ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  // What the browser says of the refusal it was given.
  expect(complaints.filter((one) => !one.includes("409"))).toEqual([]);
  await context.close();
});

test("an incident is acknowledged on the overview, and goes from it when it is over, without a reload", async () => {
  const { page, context, complaints } = await openPage(browser, { theme: "dark", width: 1280, height: 900 });
  const [open] = it.view.duty.incidents({ state: "open" });
  if (open === undefined) throw new Error("the sample plant has no incident");
  await page.goto(it.url);
  const card = page.getByRole("article").filter({ hasText: open.title });
  await card.getByRole("button", { name: /^Acknowledge/ }).click();
  await page.getByLabel("Your name").fill("jan");
  expect(await page.getByLabel("and the alarms of its causes").isChecked()).toBe(true);
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) await page.screenshot({ path: join(shots, "incident-act.png") });
  await page.keyboard.press("Enter");
  const tell = (): void => {
    for (const incident of it.view.duty.takeChanged()) it.view.emit({ type: "incident", incident });
  };
  await page.getByRole("dialog").waitFor({ state: "detached" });
  tell();
  await card.getByText("acknowledged by jan").waitFor();
  expect(await card.getByRole("button", { name: /^Acknowledge/ }).count()).toBe(0);
  it.view.emit({ type: "incident", incident: { ...open, state: "resolved", level: "ok", resolved: Date.now() } });
  await card.waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
  await context.close();
});
