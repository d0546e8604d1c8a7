// How the tests run: the source itself (the `kindling-source` condition), one process per test file.

import { defineConfig } from "vitest/config";

const conditions = ["kindling-source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["kindling-source", "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
