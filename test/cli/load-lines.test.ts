// `kindling load` as a person reads it.

import { expect, it } from "vitest";
import type { LaneLoad } from "../../src/index.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";
import { loadLines, waitText } from "../../src/cli/view/wait-line.ts";
import { testProject } from "./command-line.ts";

const NOW = 1_700_000_000_000;
const QUIET: Omit<LaneLoad, "kind" | "name"> = {
  inUse: 0,
  limit: null,
  requests: null,
  tokens: null,
  heldUntil: null,
  breaker: null,
  waiting: 0,
  runs: [],
  next: null,
};

it("the load names every lane with what is in use, what waits and why", async () => {
  const closed = { state: "closed", faults: 0, until: null } as const;
  const lanes: readonly LaneLoad[] = [
    { ...QUIET, kind: "calls", name: "calls", inUse: 9, limit: 64 },
    { ...QUIET, kind: "resource", name: "crm", inUse: 1, limit: 16 },
    {
      ...QUIET,
      kind: "attempts",
      name: "anthropic:claude-opus-5-5",
      inUse: 8,
      limit: 8,
      waiting: 9_992,
      runs: [
        { run: "run_a", waiting: 9_990 },
        { run: "run_b", waiting: 2 },
      ],
      next: { run: "run_b", path: "draft", since: NOW - 1_500, reason: "concurrency", until: null },
    },
    {
      ...QUIET,
      kind: "provider",
      name: "anthropic",
      inUse: 8,
      limit: 8,
      requests: { used: 500, limit: 500 },
      tokens: { used: 310_000, limit: 400_000 },
      waiting: 1,
      runs: [{ run: "run_a", waiting: 1 }],
      next: { run: "run_a", path: "posts[en]/draft", since: NOW - 12_000, reason: "requests_per_minute", until: NOW + 3_000 },
    },
    { ...QUIET, kind: "model", name: "anthropic:claude-opus-5-5", heldUntil: NOW + 25_000, breaker: closed },
    { ...QUIET, kind: "model", name: "openai:gpt-6", breaker: { state: "open", faults: 5, until: NOW + 30_000 } },
    { ...QUIET, kind: "model", name: "ollama:qwen4", inUse: 1, breaker: { state: "half-open", faults: 6, until: NOW + 30_000 } },
  ];
  await expect(`${loadLines({ at: NOW, lanes }, plainPaint).join("\n")}\n`).toMatchFileSnapshot("golden/load.txt");
  expect(loadLines({ at: NOW, lanes: [] }, plainPaint)).toEqual(["nobody works on this ledger now"]);
});

it("a call that waits says for what, and for how long where that is known", () => {
  const wait = { lane: "anthropic", reason: "tokens_per_minute", until: NOW + 12_000 } as const;
  expect(waitText(wait, NOW)).toBe("waits for anthropic: tokens per minute, 12.0 s more");
  expect(waitText({ lane: "calls", reason: "concurrency", until: undefined }, NOW)).toBe("waits for calls: all places are taken");
});

it("the command says so where nobody works, and gives the same as JSON", async () => {
  const project = await testProject();
  await project.kindling("run", "slow", "--input", "pauseMs=1");
  expect(await project.kindling("load")).toMatchObject({ code: 0, out: "nobody works on this ledger now\n" });
  expect((await project.json("load")).result).toMatchObject({ lanes: [] });
});
