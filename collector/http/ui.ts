import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type Express } from "express";
import { ProblemError } from "./problem.ts";
import { refuseMethod } from "./route.ts";

/** Paths that the UI's own router shows; every one of them is answered with the same page. */
const pages = [
  "/",
  "/services",
  "/services/:id",
  "/assets",
  "/assets/:id",
  "/assets/:id/:metric",
  "/incidents",
  "/incidents/:id",
  "/alarms",
  "/agents",
  "/wall",
];

/** The browser UI: files of `webRoot` (dist/web), and its page for every address that the UI shows. */
export function mountUi(app: Express, webRoot: string): void {
  const page = join(webRoot, "index.html");
  app.use(express.static(webRoot, { index: false, redirect: false, dotfiles: "ignore", cacheControl: false, setHeaders: alwaysAsk }));
  app.get(pages, (_request, response) => {
    if (!existsSync(page)) throw new ProblemError(404, `the browser UI is not built: ${page} is missing (npm run build)`);
    response.sendFile(page, { cacheControl: false, headers: { "cache-control": "no-cache" } });
  });
  app.all(pages, refuseMethod(["GET", "HEAD"]));
}

/** File names carry no hash, so a browser asks each time and is mostly answered 304. */
function alwaysAsk(response: express.Response): void {
  response.setHeader("cache-control", "no-cache");
}
