import { afterEach } from "vitest";
import { type Responder, startResponder } from "./responder.ts";
import { type Subject, subject } from "./setup.ts";

/** What a test started; it ends with the test, the last first. */
export const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});

/** A device that answers so. */
export async function respond(reply: Parameters<typeof startResponder>[0]): Promise<Responder> {
  const responder = await startResponder(reply);
  running.push(responder);
  return responder;
}

/** A source that reads a device. */
export function poller(config: Parameters<typeof subject>[0]): Subject {
  const made = subject(config);
  running.push(made);
  return made;
}
