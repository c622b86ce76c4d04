import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AssetEvent } from "../../core/asset-event.ts";
import { serve, type TestServer } from "../collector/http/server.ts";
import { buildUi, type Look, openBrowser, openPage } from "./browser.ts";
import { violations } from "./violations.ts";

const hostile = `</script><img src=x onerror="alert(1)"> "quoted" žluť \u202egnp.exe`;

let ui: Awaited<ReturnType<typeof buildUi>>;
let browser: Browser;
let it: TestServer;
let shots: string;

beforeAll(async () => {
  [ui, browser] = await Promise.all([buildUi(), openBrowser()]);
  shots = process.env["SCREENSHOTS"] ?? mkdtempSync(join(tmpdir(), "millwright-shots-"));
  mkdirSync(shots, { recursive: true });
});
afterAll(async () => {
  await browser.close();
  ui.remove();
});
beforeEach(async () => {
  it = await serve({ webRoot: ui.root, now: Date.now });
  it.view.told = [told("linkDown", "interface eth0 went down"), told("1.3.6.1.4.1.99999.0.1", "1.3.6.1.4.1.99999.0.1: a = b")];
  return () => it.close();
});

function told(name: string, text: string): AssetEvent {
  const labels = { if_index: "3" };
  return {
    asset: "filler-31",
    time: Date.now() - 5000,
    kind: "trap",
    name,
    level: "warning",
    text,
    labels,
    origin: "1.3.6.1.6.3.1.1.5.3",
    values: { ifIndex: "3" },
  };
}

async function withPage(look: Look, use: (page: Page, complaints: string[]) => Promise<void>): Promise<void> {
  const { page, context, complaints } = await openPage(browser, look);
  try {
    await use(page, complaints);
  } finally {
    await context.close();
  }
}

const pages: readonly (readonly [name: string, path: string, ready: string])[] = [
  ["overview", "/", "text=1 service critical"],
  ["service", "/services/bottling-line-3", "text=What it needs"],
  ["assets", "/assets", "text=Compressor"],
  ["asset", "/assets/filler-31", "text=holding:3059"],
  ["switch", "/assets/core-sw-1", "text=camera-7"],
  ["series", "/assets/filler-31/temperature_celsius?sensor=bearing", "canvas"],
  ["state", "/assets/filler-31/machine_state", "canvas"],
  ["incidents", "/incidents", "text=None yet"],
  ["alarms", "/alarms", "text=Runbook"],
  ["agents", "/agents", "text=spool full"],
  ["wall", "/wall", "text=Bottling line 3"],
];
const wall = pages.filter(([name]) => name === "wall");
const looks: readonly (readonly [string, Look, typeof pages])[] = [
  ["light-1440", { theme: "light", width: 1440, height: 900 }, pages],
  ["dark-360", { theme: "dark", width: 360, height: 740 }, pages],
  ["dark-1920", { theme: "dark", width: 1920, height: 1080 }, wall],
];

describe.each(looks)("%s", (lookName, look, shown) => {
  test("every page shows, fits the screen's width, pleases axe, and the browser has no complaint", async () => {
    await withPage(look, async (page, complaints) => {
      for (const [name, path, ready] of shown) {
        await page.goto(it.url + path);
        await page.locator(ready).first().waitFor({ state: "attached" });
        await page.screenshot({ path: join(shots, `${name}-${lookName}.png`), fullPage: name !== "wall" });
        expect([name, await violations(page)]).toEqual([name, []]);
        const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([name, overhang]).toEqual([name, 0]);
        expect([name, await scrolledMenus(page)]).toEqual([name, 0]);
      }
      expect(complaints).toEqual([]);
    });
  });
});

/** Menus of which a part is out of sight. */
function scrolledMenus(page: Page): Promise<number> {
  return page.evaluate(() => [...document.querySelectorAll("nav")].filter((nav) => nav.scrollWidth > nav.clientWidth).length);
}

const desk: Look = { theme: "light", width: 1280, height: 800 };

test("what devices and configs say is text, never markup", async () => {
  const { plant } = it.view;
  plant.assets = plant.assets.map((asset) => ({
    ...asset,
    name: hostile,
    at: hostile,
    why: hostile,
    labels: { x: hostile },
    inventory: { [hostile]: hostile },
    sources: asset.sources.map((source) => ({ ...source, state: "down", reason: hostile, target: hostile })),
  }));
  plant.alarms = plant.alarms.map((alarm) => ({ ...alarm, text: hostile, runbook: "javascript:alert(1)" }));
  plant.services = plant.services.map((service) => ({
    ...service,
    name: hostile,
    owner: hostile,
    why: hostile,
    needs: service.needs.map((need) => ({ ...need, text: hostile, why: hostile })),
  }));
  plant.agents = plant.agents.map((agent) => ({ ...agent, name: hostile, version: hostile }));
  it.view.told = [{ ...told(hostile, hostile), labels: { x: hostile }, origin: hostile, values: { [hostile]: hostile } }];
  const labels = { sensor: hostile };
  it.view.add([{ asset: "filler-31", metric: "temperature_celsius", labels, unit: hostile, kind: "gauge", origin: hostile, value: 1 }]);
  await withPage(desk, async (page, complaints) => {
    for (const [, path] of pages) {
      await page.goto(it.url + path);
      await page.locator("h1").first().waitFor();
      if (path !== "/alarms" && !path.includes("_")) await page.getByText(hostile).first().waitFor({ state: "attached" });
      expect([path, await page.locator("img, script:not([src='/app.js'])").count()]).toEqual([path, 0]);
      expect(await page.locator("a[href^='javascript']").count()).toBe(0);
    }
    expect(complaints).toEqual([]);
  });
});

test("changes appear without a reload, a broken connection is said, and what was missed is fetched", async () => {
  await withPage(desk, async (page) => {
    await page.goto(it.url);
    await page.getByRole("heading", { name: "1 service critical, 1 major, 1 unknown, 1 warning, 2 ok" }).waitFor();
    const power = it.view.plant.services.find((service) => service.id === "power");
    if (power === undefined) throw new Error("no service power");
    const { needs: _needs, alarms: _alarms, ...view } = power;
    it.view.emit({
      type: "service",
      service: { ...view, level: "critical", low: "critical", high: "critical", why: "UPS is on battery", since: Date.now() },
    });
    await page.getByRole("heading", { name: "2 services critical" }).waitFor();
    await page.getByText("UPS is on battery").waitFor();
    await page.getByText(/^Live/).waitFor();
    it.server.closeAllConnections();
    await page.getByText("Data is stale.").waitFor();
    it.view.plant.services = it.view.plant.services.slice(0, 1);
    await page.getByRole("heading", { name: "1 service critical" }).waitFor();
    await page.getByText("Data is stale.").waitFor({ state: "detached" });
  });
});

test("a chart stays on the screen while the collector is away", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/assets/filler-31/temperature_celsius?sensor=bearing`);
    await page.locator("canvas").waitFor();
    // Nothing answers from here on, so that whoever asks anew has nothing to show.
    await page.route("**/api/v1/readings/range**", (route) => route.abort());
    await page.route("**/api/v1/events**", (route) => route.abort());
    it.server.closeAllConnections();
    await page.getByText("Data is stale.").waitFor();
    expect(await page.locator("canvas").count()).toBe(1);
    expect(await page.getByText("No chart").count()).toBe(0);
  });
});

test("with the keyboard, the first stop leads past the head of the page to its content", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/alarms`);
    await page.getByText("Runbook").first().waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("main:focus").waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("searchbox", { name: "Find" }).and(page.locator(":focus")).waitFor();
  });
});

test("a thousand services are shown a hundred at a time", async () => {
  const [first] = it.view.plant.services;
  if (first === undefined) throw new Error("no service");
  it.view.plant.services = Array.from({ length: 1000 }, (_, i) => ({
    ...first,
    ...(i < 400 ? {} : { level: "ok" as const, low: "ok" as const, high: "ok" as const, why: "", causes: [] }),
    id: `line-${i}`,
    name: `Line ${i}`,
  }));
  await withPage(desk, async (page) => {
    await page.goto(it.url);
    await page.getByText("100 of 400 services").waitFor();
    await page.getByText("100 of 600 services").waitFor();
    expect(await page.locator(".tile").count()).toBe(100);
    await page.getByRole("searchbox", { name: "Find" }).fill("Line 399");
    await page.getByText("1 of 1000 services").waitFor();
  });
});

test("from a service by its cause to the asset and its chart, with the keyboard alone; values tick", async () => {
  await withPage(desk, async (page) => {
    await page.goto(it.url);
    await page.getByRole("link", { name: "Bottling line 3", exact: true }).press("Enter");
    await page.getByText("Needs 3 of 3 fillers and has 2").waitFor();
    await page
      .getByRole("link", { name: /^Filler 31.*Critical/ })
      .first()
      .press("Enter");
    await page.getByRole("heading", { name: "Filler 31" }).waitFor();
    await page.getByText("86.2 °C").first().waitFor();
    it.view.put(0, 91.5);
    await page.getByText("91.5 °C").waitFor();
    await page.getByRole("link", { name: "temperature", exact: true }).first().press("Enter");
    await page.locator("canvas").waitFor();
    await page.getByText("critical above 85 °C, clears at 80 °C (bearing-hot)").waitFor();
    await page.getByRole("button", { name: "15 min" }).press("Enter");
    await page.getByRole("button", { name: "15 min", pressed: true }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Readings" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/assets/filler-31");
  });
});

test("a service says until when it is meant to be there, and what its needs count for", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/services/bottling-line-3`);
    await page.getByText(/In service until .*\(two-shift\)/).waitFor();
    await page.getByText("MES service at most major").waitFor();
    await page.getByText("Core switch, data centre counts 2").waitFor();
  });
});

test("what if: states are picked below a service, and what would become of it is told; nothing changes", async () => {
  await withPage(desk, async (page, complaints) => {
    const before = JSON.stringify(it.view.plant.services);
    await page.goto(`${it.url}/services/bottling-line-3`);
    await page.getByText("It is ok again when Filler 31 recovers.").waitFor();
    await page.getByText("What if…").press("Enter");
    await page.getByRole("combobox", { name: "MES server" }).selectOption("unknown");
    await page.getByRole("combobox", { name: "Filler 31" }).selectOption("critical");
    await page.locator(".what-if .badge", { hasText: "Critical" }).first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("combobox", { name: "Filler 31" }).selectOption("ok");
    await page.locator(".what-if .badge", { hasText: "OK" }).first().waitFor();
    expect(JSON.stringify(it.view.plant.services)).toBe(before);
    expect(complaints).toEqual([]);
  });
});

test("an asset shows what it told of its own accord, the newest first, and what it tells now", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/assets/filler-31`);
    const rows = page.locator("section", { has: page.getByRole("heading", { name: "Events" }) }).locator("tbody tr");
    await page.getByText("interface eth0 went down").waitFor();
    expect(await rows.count()).toBe(2);
    const event = told("linkUp", "interface eth0 came up");
    it.view.told = [event, ...it.view.told];
    it.view.emit({ type: "event", event });
    await page.getByText("interface eth0 came up").waitFor();
    expect(await rows.first().textContent()).toContain("linkUp");
  });
});

test("alarms are found by words and level, a flood is said, and what comes and goes has advice", async () => {
  const often = { id: "x", alarm: "bearing-hot", asset: "filler-32", metric: "temperature_celsius", last_minute: 4, last_day: 44 };
  const most_frequent = [{ ...often, chattering: true, advice: "a dead band of 1.5 would have saved 41 of 44" }];
  it.view.load = { last_10_minutes: 14, flood: true, announced_total: 14, most_frequent };
  await withPage(desk, async (page, complaints) => {
    await page.goto(`${it.url}/alarms`);
    await page.getByText("Flood: 14 alarms in the last 10 minutes").waitFor();
    await page.getByText("a dead band of 1.5 would have saved").waitFor();
    const rows = page.locator("table").first().locator("tbody tr");
    expect(await rows.count()).toBe(3);
    expect(await violations(page)).toEqual([]);
    await page.getByLabel("Level").selectOption("warning");
    expect(await rows.count()).toBe(2);
    await page.getByRole("searchbox", { name: "Find" }).fill("filler-32 bottling");
    await page.getByText("1 of 3").waitFor();
    await page.getByRole("searchbox", { name: "Find" }).fill("nothing such");
    await page.getByText("No alarm matches.").waitFor();
    expect(complaints).toEqual([]);
  });
});

test("ten thousand assets are shown a hundred at a time, and found", async () => {
  const [first] = it.view.plant.assets;
  if (first === undefined) throw new Error("no asset");
  it.view.plant.assets = Array.from({ length: 10_000 }, (_, i) => ({
    ...first,
    id: `sensor-${i}`,
    name: `Sensor ${i}`,
    at: `hall-${i % 7}`,
  }));
  await withPage(desk, async (page, complaints) => {
    await page.goto(`${it.url}/assets`);
    const rows = page.locator("tbody tr");
    await page.getByText("100 of 10000 assets").waitFor();
    expect(await rows.count()).toBe(100);
    await page.getByRole("button", { name: "Show 100 more" }).press("Enter");
    await page.getByText("200 of 10000 assets").waitFor();
    await page.getByRole("searchbox", { name: "Find" }).fill("sensor-9999");
    await page.getByText("1 of 10000").waitFor();
    expect(await rows.count()).toBe(1);
    expect(complaints).toEqual([]);
  });
});

test("an asset says what services would be if it stood otherwise", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/assets/compressor`);
    await page.getByText("What if…").press("Enter");
    await page.getByRole("combobox").selectOption("critical");
    await page.locator(".what-if .badge", { hasText: "Critical" }).first().waitFor();
    await page.getByRole("combobox").selectOption("ok");
    await page.getByText("No service would feel it.").waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

test("an asset says what else fails if it does", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/assets/compressor`);
    await page.getByText("If it fails").waitFor();
    await page.locator(".facts .badge", { hasText: "Critical" }).first().waitFor();
  });
});

test("the theme goes round auto, light, dark, and is remembered", async () => {
  await withPage(desk, async (page) => {
    const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset["theme"]);
    await page.goto(it.url);
    expect(await theme()).toBe("light");
    await page.getByRole("button", { name: "Colours: Auto" }).click();
    await page.getByRole("button", { name: "Colours: Light" }).click();
    expect(await theme()).toBe("dark");
    await page.reload();
    await page.getByRole("button", { name: "Colours: Dark" }).waitFor();
    expect(await theme()).toBe("dark");
  });
});

test("an asset that is not there, and a page that is not there, say so", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/assets/nobody`);
    await page.getByText('there is no asset "nobody"').waitFor();
    await page.evaluate(() => {
      history.pushState(null, "", "/nothing");
      dispatchEvent(new PopStateEvent("popstate"));
    });
    await page.getByText("There is no such page").waitFor();
  });
});

test("neighbours: a switch's ports with who is there, and of an asset without via the line that it may have", async () => {
  await withPage(desk, async (page) => {
    await page.goto(`${it.url}/assets/core-sw-1`);
    await page.getByRole("row", { name: /Gi1\/0\/3.*Filler 31.*forwarding table.*10\.0\.4\.31/ }).waitFor();
    await page.getByRole("row", { name: /Gi1\/0\/24 212 addresses leads on to others/ }).waitFor();
    await page
      .getByRole("link", { name: /Filler 31/ })
      .last()
      .click();
    await page.getByText("The MAC address of filler-31 is learnt on port Gi1/0/3 of core-sw-1 and on no other access port.").waitFor();
    await page.getByText("via: [core-sw-1]", { exact: true }).waitFor();
    await page.goto(`${it.url}/assets/compressor`);
    await page.getByRole("heading", { name: "Readings" }).waitFor();
    expect(await page.getByRole("heading", { name: "Neighbours" }).count()).toBe(0);
  });
});
