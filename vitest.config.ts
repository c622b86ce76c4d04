import { defineConfig } from "vitest/config";

/** Three projects: pure logic, real peers on loopback, and whole processes with a browser. */
export default defineConfig({
  test: {
    // Most of the time of peers and systems is waiting: three at once keep two cores busy.
    pool: "forks",
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.peer.test.ts", "test/**/*.system.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "peers",
          include: ["test/**/*.peer.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/**/*.system.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
