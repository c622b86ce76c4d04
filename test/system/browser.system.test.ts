import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser, openPage } from "../web/browser.ts";
import { type Demo, startDemo } from "./demo.ts";

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo(), openBrowser()]);
  await demo.allOk(20_000);
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

/** With SCREENSHOTS=FOLDER the pictures are kept, to be looked at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

it("opens the demo, sees a fault appear without reloading, and follows the cause to the asset and its chart", async () => {
  const { page, context, complaints } = await openPage(browser, { theme: "light", width: 1440, height: 900 });
  await page.goto(demo.url);
  await page.getByRole("heading", { level: 1 }).filter({ hasText: "All 5 services ok" }).waitFor();
  await picture(page, "1-all-ok");

  demo.toggle("air-leak");
  const card = page.getByRole("article").filter({ hasText: "Compressed air" }).first();
  await card.waitFor({ timeout: 15_000 });
  await page
    .getByText(/Compressor: (air|main pressure) at \d(\.\d+)?\sbar/)
    .first()
    .waitFor({ timeout: 15_000 });
  await page.getByRole("article").filter({ hasText: "Bottling line 3" }).first().waitFor({ timeout: 15_000 });
  await picture(page, "2-fault-seen");

  await page.getByRole("link", { name: "Bottling line 3", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Bottling line 3" }).waitFor();
  await page.getByRole("heading", { name: "What it needs" }).waitFor();
  await picture(page, "3-service");

  await page
    .getByRole("main")
    .getByRole("link", { name: /^Compressor/ })
    .first()
    .click();
  await page.getByRole("heading", { level: 1, name: "Compressor" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/assets/compressor");
  await page
    .getByText(/\d\.\d+\sbar/)
    .first()
    .waitFor();
  await picture(page, "4-asset");

  await page.goto(`${demo.url}/assets/compressor/pressure_pascals`);
  await page.locator("canvas").first().waitFor();
  await picture(page, "5-chart");

  demo.toggle("air-leak");
  await page.goto(demo.url);
  await page.getByRole("heading", { level: 1 }).filter({ hasText: "All 5 services ok" }).waitFor({ timeout: 30_000 });
  expect(complaints).toEqual([]);
  await context.close();
});

it("shows the same on a dark wall and on a phone", async () => {
  demo.toggle("mes-down");
  demo.toggle("filler-overheats");
  for (const [name, look, path] of [
    ["6-wall-dark", { theme: "dark", width: 1920, height: 1080 }, "/wall"],
    ["7-phone", { theme: "light", width: 360, height: 740 }, "/"],
    ["8-assets-dark", { theme: "dark", width: 1440, height: 900 }, "/assets"],
    ["9-alarms", { theme: "light", width: 1440, height: 900 }, "/alarms"],
  ] as const) {
    const { page, context, complaints } = await openPage(browser, look);
    await page.goto(`${demo.url}${path}`);
    if (path === "/alarms")
      await page
        .getByText(/bearing at/)
        .first()
        .waitFor({ timeout: 15_000 });
    else await page.getByText(/MES/).first().waitFor({ timeout: 15_000 });
    if (path === "/" || path === "/wall")
      await page
        .getByText(/critical/i)
        .first()
        .waitFor({ timeout: 15_000 });
    await picture(page, name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} does not scroll sideways`).toBe(
      true,
    );
    expect(complaints).toEqual([]);
    await context.close();
  }
  demo.toggle("mes-down");
});
