import type { Graveyard } from "../../../collector/notify/dead-letters.ts";

/** Keeps nothing: for tests of what is not given up. */
export const noGraveyard: Graveyard = { bury() {}, list: () => Promise.resolve([]), retry: () => Promise.resolve(0) };
