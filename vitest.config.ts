import { defineConfig } from "vitest/config";

/** Limits are there to end what hangs: a machine with other work may take many times as long as one without. */
const patience = { expect: { poll: { timeout: 30_000, interval: 20 } }, hookTimeout: 120_000, teardownTimeout: 30_000 } as const;

/** Three projects: pure logic, real peers on loopback, and whole processes with a browser. */
export default defineConfig({
  test: {
    // Most of the time of peers and systems is waiting: three at once keep two cores busy.
    pool: "forks",
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...patience,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.peer.test.ts", "test/**/*.system.test.ts"],
          testTimeout: 60_000,
        },
      },
      { test: { ...patience, name: "peers", include: ["test/**/*.peer.test.ts"], testTimeout: 120_000 } },
      { test: { ...patience, name: "system", include: ["test/**/*.system.test.ts"], testTimeout: 240_000 } },
    ],
  },
});
