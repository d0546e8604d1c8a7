// What runs gave a moment ago is known without reading it back, and only while nothing has changed it.

import { expect, it } from "vitest";
import { z } from "zod";
import { planOf } from "../../src/compile/plan.ts";
import { RecentOutputs } from "../../src/host/recent-outputs.ts";
import { contract, memoryLedger } from "../../src/index.ts";
import { newRunState, type RunState } from "../../src/run/state.ts";
import { countingLedger } from "./counting-ledger.ts";
import { openKindling } from "./open-host.ts";

const doubles = contract("doubles", {
  inputs: { n: z.number() },
  define: (g, { n }) => g.compute("twice", { needs: { n }, run: ({ n }) => n * 2 }),
});

const answers = contract("answers", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => g.await("go", { event: "go", schema: z.string(), show: { id } }),
});

const says = contract("says", {
  inputs: { text: z.string() },
  define: (g, { text }) => g.compute("same", { needs: { text }, run: ({ text }) => text }),
});

it("the result of a run that has just ended is not read back", async () => {
  const ledger = countingLedger(memoryLedger());
  const kindling = await openKindling({ contracts: [doubles], ledger });
  const run = await kindling.start(doubles, { n: 21 });
  expect(await run.result()).toBe(42);
  expect(ledger.counts.facts).toBe(0);
});

it("nor is the result of one that ends while somebody waits for it", async () => {
  const ledger = countingLedger(memoryLedger());
  const kindling = await openKindling({ contracts: [answers], ledger });
  const run = await kindling.start(answers, { id: "1" });
  const result = run.result();
  ledger.reset();
  await kindling.deliver({ event: "go", correlation: { id: "1" }, payload: "yes" });
  const toGoOn = ledger.counts.facts;
  expect(await result).toBe("yes");
  expect(ledger.counts.facts).toBe(toGoOn);
});

it("a run that goes on after its end gives what it gives then", async () => {
  const kindling = await openKindling({ contracts: [doubles] });
  const run = await kindling.start(doubles, { n: 1 });
  expect(await run.result()).toBe(2);
  await kindling.update(run.id, { n: 5 });
  expect(await run.result()).toBe(10);
});

it("what is large is read back", async () => {
  const ledger = countingLedger(memoryLedger());
  const kindling = await openKindling({ contracts: [says], ledger });
  const text = "x".repeat(5_000);
  expect(await (await kindling.start(says, { text })).result()).toBe(text);
  expect(ledger.counts.facts).toBeGreaterThan(0);
});

it("no more than the last 256 root runs are remembered, none with a plan of its own, and each can be forgotten", () => {
  const outputs = new RecentOutputs();
  const ended = (id: string, more: Partial<RunState> = {}): RunState => ({
    ...newRunState(id, planOf(doubles.graph)),
    status: "succeeded",
    ...more,
  });
  outputs.note(ended("child", { parent: { run: "run_0", node: "n", key: "k", part: "p" } }));
  outputs.note(ended("own", { overrides: { twice: { description: "x" } } }));
  outputs.note(ended("failed", { status: "failed" }));
  for (const id of ["child", "own", "failed"]) expect(outputs.of(id)).toBeUndefined();
  for (let number = 0; number <= 256; number++) outputs.note(ended(`run_${number}`));
  expect(outputs.of("run_0")).toBeUndefined();
  expect(outputs.of("run_1")).toBeDefined();
  outputs.forget("run_256");
  expect(outputs.of("run_256")).toBeUndefined();
});
