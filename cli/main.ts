import { codeOf } from "../core/errors.ts";
import { commands } from "./commands.ts";
import { run } from "./program.ts";

// Whoever reads us may stop early (`millwright config show x | head`): that is no mistake of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (codeOf(error) === "EPIPE") process.exit(0);
    throw error;
  });
}

process.exitCode = await run(process.argv.slice(2), process, commands);
