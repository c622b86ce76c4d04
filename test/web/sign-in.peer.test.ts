import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse, password } from "../collector/door/guests.ts";
import { buildUi, openBrowser, openPage } from "./browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let ui: Awaited<ReturnType<typeof buildUi>>;
let browser: Browser;
let house: House;

beforeAll(async () => {
  [ui, browser] = await Promise.all([buildUi(), openBrowser()]);
  house = await openHouse({ webRoot: ui.root });
});
afterAll(async () => {
  await browser.close();
  await house.close();
  ui.remove();
});

test("nothing is shown before somebody signs in; then everything; after a sign-out nothing", async () => {
  const { page, context, complaints } = await openPage(browser, { theme: "dark", width: 360, height: 740 });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${house.server.url}/services/bottling-line-3`);
  await page.getByLabel("Name").waitFor();
  expect(asked.filter((path) => path.startsWith("/api"))).toEqual(["/api/v1/session"]);
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } };
    return (await loaded.run()).violations.map(({ id }) => id);
  });
  expect(violations).toEqual([]);
  expect(complaints).toEqual([]);
  await page.getByLabel("Name").fill("operator");
  await page.getByLabel("Password").fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("no user has this name and password").waitFor();
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Password").press("Enter");
  await page.getByText("What it needs").waitFor();
  expect(await page.evaluate(() => document.cookie)).toBe("");
  await page.getByRole("button", { name: "Sign out operator" }).click();
  await page.getByLabel("Password").waitFor();
  expect(await page.getByText("What it needs").count()).toBe(0);
  await context.close();
});

test("a session that ends elsewhere takes what it showed from the screen", async () => {
  const { page, context } = await openPage(browser, { theme: "light", width: 1280, height: 800 });
  await page.goto(house.server.url);
  await page.getByLabel("Name").fill("viewer");
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Password").press("Enter");
  await page.getByRole("link", { name: "Bottling line 3", exact: true }).waitFor();
  house.door.people.sessions.endOf((user) => user === "viewer");
  await page.getByLabel("Password").waitFor();
  expect(await page.getByRole("link", { name: "Bottling line 3", exact: true }).count()).toBe(0);
  await context.close();
});
