// How the tests run: the source itself (the `kindling-source` condition), one process per test file.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Without `module`, which is for bundlers: Node itself cannot load what some packages put there.
const conditions = ["kindling-source", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["kindling-source", "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // All processors: what runs the tests has little to do, and many tests wait for processes and disks.
    maxWorkers: "100%",
    // Long enough for a machine that does several other things: a test that takes seconds on a quiet one starts processes, which wait for each other.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    // What is waited for comes when it comes.
    expect: { poll: { timeout: 20_000, interval: 20 } },
    // Processes that tests start find the source compiled: most of their time would go into that.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url)) },
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
