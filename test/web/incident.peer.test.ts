import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve, type TestServer } from "../collector/http/server.ts";
import { buildUi, openBrowser, openPage } from "./browser.ts";
import { violations } from "./violations.ts";

let ui: Awaited<ReturnType<typeof buildUi>>;
let browser: Browser;
let it: TestServer;

beforeAll(async () => {
  [ui, browser] = await Promise.all([buildUi(), openBrowser()]);
  it = await serve({ webRoot: ui.root, now: Date.now });
});
afterAll(async () => {
  await it.close();
  await browser.close();
  ui.remove();
});

test("an incident is opened from the overview, says its causes, services and story, and is acknowledged; one that is not there says so", async () => {
  const open = it.view.duty.incidents({ state: "open" }).find(({ causes }) => causes.includes("filler-31"));
  if (open === undefined) throw new Error("the sample plant has no incident of filler 31");
  const { page, context, complaints } = await openPage(browser, { theme: "dark", width: 1280, height: 800 });
  await page.goto(it.url);
  await page.getByRole("link", { name: open.title }).press("Enter");
  await page.getByRole("heading", { level: 1, name: open.title }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/incidents/${open.id}`);
  const section = (name: string) => page.locator("section", { has: page.getByRole("heading", { name, exact: true }) });
  await section("Cause")
    .getByRole("link", { name: /^Filler 31/ })
    .waitFor();
  await section("Cause").getByText("bearing at 86.2 Cel").waitFor();
  await section("Services it hurt").getByRole("row").filter({ hasText: "Needs 3 of 3 fillers" }).waitFor();
  await section("What happened")
    .getByText(open.history[0]?.text ?? "")
    .waitFor();
  await section("Who was told").getByText("Nobody yet").waitFor();
  await section("Alarms of its causes").getByText("bearing at 86.2").first().waitFor();
  expect(await violations(page)).toEqual([]);
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, "incident.png"), fullPage: true });
  }
  await page.getByRole("button", { name: `Acknowledge: ${open.title}` }).press("Enter");
  await page.getByLabel("Your name").fill("jan");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  for (const incident of it.view.duty.takeChanged()) it.view.emit({ type: "incident", incident });
  await page.getByText(/Acknowledged by jan/).waitFor();
  await page.goto(`${it.url}/incidents/nobody`);
  await page.getByText('there is no incident "nobody"').waitFor();
  expect(complaints.filter((one) => !one.includes("404"))).toEqual([]);
  await context.close();
});
