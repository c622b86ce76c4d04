import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { commands } from "../cli/commands.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => join("docs", name)),
].filter((name) => name.endsWith(".md"));

/** What the pages' relative links lead to, from the root. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target.split("#")[0] ?? "");
  return targets.filter((target) => target !== "" && !/^[a-z]+:/.test(target)).map((target) => resolve(root, dirname(page), target));
}

it.each(pages)("every link of %s leads to a file", (page) => {
  expect(linksOf(page).filter((target) => !existsSync(target))).toEqual([]);
});

it("there are links to follow", () => {
  expect(pages.flatMap(linksOf).length).toBeGreaterThan(50);
});

it("the README names every command", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  // The older spelling of `config check` is taken, and not taught.
  const taught = Object.keys(commands).filter((name) => name !== "config-check");
  expect(taught.filter((name) => !new RegExp(`(?:millwright|npm run) ${name}\\b`).test(readme))).toEqual([]);
});
