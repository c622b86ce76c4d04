import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The UI as build.js bundles it, in a folder of its own. */
export async function buildUi(): Promise<{ readonly root: string; remove(): void }> {
  const outdir = mkdtempSync(join(tmpdir(), "millwright-ui-"));
  await build({
    absWorkingDir: root,
    entryPoints: { app: "web/main.tsx" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir,
    logLevel: "warning",
  });
  cpSync(join(root, "web/index.html"), join(outdir, "index.html"));
  return { root: outdir, remove: () => rmSync(outdir, { recursive: true, force: true }) };
}

/** Debian's Chromium, without what would leave this machine. */
export function openBrowser(): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({ executablePath: "/usr/bin/chromium", args });
}

export interface Look {
  readonly theme: "light" | "dark";
  readonly width: number;
  readonly height: number;
}

/** A page that gathers everything the browser complains about: errors, refused resources, CSP. */
export async function openPage(browser: Browser, look: Look): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: look.width, height: look.height }, colorScheme: look.theme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, context, complaints };
}
