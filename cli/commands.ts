import { registerAgent } from "./agent.ts";
import { registerConfig } from "./config.ts";
import { registerDemo } from "./demo.ts";
import { registerPoll } from "./poll.ts";
import type { RegisterCommand } from "./program.ts";
import { registerVersion } from "./version.ts";

/** Every command, in the order of the help. A new one is a file of its own and a line here. */
export const commands: readonly RegisterCommand[] = [registerDemo, registerAgent, registerPoll, registerConfig, registerVersion];
