// Builds dist/: TypeScript to JavaScript, the profiles beside it, and the browser UI in one bundle.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
process.chdir(root);

// A removed source must not live on in dist, so the folder is made anew.
rmSync("dist", { recursive: true, force: true });
const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

cpSync("config/profiles", "dist/config/profiles", { recursive: true });
// So that an agent need not read every profile to know which of them a device matches, and reads those that do fast.
const { headsFile } = await import("./dist/config/profile-heads.js");
const { profileNames } = await import("./dist/config/profiles.js");
const { builtSnmpProfile, shippedSnmpProfile } = await import("./dist/config/shipped-snmp.js");
const profiles = profileNames("snmp").map((name) => [name, shippedSnmpProfile(name)]);
for (const [name, profile] of profiles) writeFileSync(builtSnmpProfile(name), JSON.stringify(profile));
writeFileSync(headsFile, JSON.stringify(profiles.map(([, { profile, match, replaces }]) => ({ profile, match, replaces }))));
mkdirSync("dist/web", { recursive: true });
if (existsSync("web/main.tsx")) {
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: { app: "web/main.tsx" },
    bundle: true,
    minify: true,
    sourcemap: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: "dist/web",
    logLevel: "warning",
  });
  cpSync("web/index.html", "dist/web/index.html");
}
writeFileSync("dist/built", `${new Date().toISOString()}\n`);
