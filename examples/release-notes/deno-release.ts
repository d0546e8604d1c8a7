// What the example is started with: a real change log and the people its notes are for.

import { readFileSync } from "node:fs";
import type { Audience } from "./changes.ts";

const AUDIENCES: readonly Audience[] = [
  {
    id: "app-developers",
    title: "for people who write programs",
    words: "breaking, stabilize, support, types, import, stream, fetch, test, bundle, coverage, wasm",
  },
  {
    id: "operators",
    title: "for people who run programs in production",
    words: "permission, permissions, deny, audit, env, leak, panic, segfault, signals, lockfile, process",
  },
  {
    id: "node-users",
    title: "for people who come from Node.js",
    words: "node, npm, require, commonJS, timers, sqlite, crypto, process, package, buffer, worker_threads",
  },
  {
    id: "tool-authors",
    title: "for people who build editors and tools",
    words: "lsp, lint, check, config, schema, source maps, completions, plugin, diagnostic, tsgo, stack traces",
  },
];

/** The inputs of a run. The notes go below the working directory, as the ledger does. */
export function denoRelease() {
  return {
    project: "Deno",
    release: "2.6.0",
    changelog: readFileSync(new URL("changelog.md", import.meta.url), "utf8"),
    audiences: [...AUDIENCES],
    folder: "examples/release-notes/out",
  };
}
