import { join } from "node:path";
import { serveRecording } from "../test/peers/recorded-device.ts";

/** Serves recordings in a process of its own: `FOLDER NAME...`. Prints their ports as JSON, by name. */
const [folder = ".", ...names] = process.argv.slice(2);
const ports: Record<string, number> = {};
for (const name of names) ports[name] = (await serveRecording(join(folder, `${name}.snmprec`))).port;
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.on("disconnect", () => process.exit(0));
