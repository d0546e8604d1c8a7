// How the published JavaScript is made: a few files instead of three hundred, since loading a file costs Node more than reading what is in it.
// What loads only when it is needed stays apart, and so does every package.

import { globSync } from "node:fs";
import { isAbsolute } from "node:path";
import { defineConfig } from "rolldown";

const entries = [
  "src/index.ts",
  "src/testing.ts",
  "src/testing/vitest.ts",
  "src/eval/index.ts",
  "src/document/index.ts",
  "src/web/index.ts",
  "src/observe/langfuse-index.ts",
  "src/observe/otel-index.ts",
  "src/cli/main.ts",
  "mcp/index.ts",
  "mcp/client/index.ts",
  ...globSync("providers/*.ts"),
];

export default defineConfig({
  input: Object.fromEntries(entries.map((file) => [file.replace(/\.ts$/, ""), file])),
  platform: "node",
  external: (id) => !id.startsWith(".") && !isAbsolute(id),
  output: {
    dir: "dist",
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    codeSplitting: {
      groups: [
        // With all that it imports: what whoever imports the package loads, then what whoever opens a ledger loads besides.
        { name: "index", test: /src\/index\.ts$/, priority: 2 },
        { name: "open", test: /src\/(host\/create-runtime|host\/runtime|ledger\/open-folder)\.ts$/, priority: 1 },
      ],
    },
  },
});
