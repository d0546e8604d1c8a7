// Where explained values come from: taken over within a run and from another one, given by hand; and what asking leaves alone.

import { contract, fileLedger } from "kindling";
import { scripted } from "kindling/providers/scripted";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { openKindling } from "./open-host.ts";

const person = { id: "ada", assurance: "outOfBand" } as const;

describe("a value that was taken over", () => {
  const steps = contract("steps", {
    inputs: { price: z.number(), name: z.string() },
    define(g, { price, name }) {
      const isLarge = g.compute("isLarge", { needs: { price }, run: ({ price }) => price > 100 });
      const label = g.compute("label", { needs: { isLarge, name }, run: ({ isLarge, name }) => `${name} ${isLarge}` });
      const paid = g.effect("paid", { needs: { price }, run: ({ price }) => price });
      return { label, paid };
    },
  });

  it("within a run tells which fact made it, what made anybody look, and what of its reading was made again", async () => {
    const kindling = await openKindling({ contracts: [steps] });
    const run = await kindling.start(steps, { price: 1, name: "n" });
    await run.result();
    const made = (await run.facts()).find(({ path }) => path === "label")?.id;
    await run.update({ price: 2 }, { actor: person });
    await run.result();
    expect(await kindling.explain(run.id, "label")).toMatchObject({
      status: "reused",
      source: made,
      why: "same_reading",
      trigger: { type: "update", inputs: ["price"], by: { id: "ada" } },
      reads: [
        { as: "isLarge", change: "again" },
        { as: "name", change: "untouched" },
      ],
    });
    expect(await kindling.explain(run.id, "paid")).toMatchObject({
      status: "reused",
      why: "never_repeated",
      reads: [{ as: "price", change: "different", before: "1", after: "2" }],
    });
  });

  it("from another run names that run's fact", async () => {
    const kindling = await openKindling({ contracts: [steps] });
    const run = await kindling.start(steps, { price: 1, name: "n" });
    await run.result();
    const made = (await run.facts()).find(({ path }) => path === "isLarge")?.id;
    const fork = await kindling.fork(run.id, { inputs: { name: "m" } });
    await fork.result();
    expect(await kindling.explain(fork.id, "isLarge")).toMatchObject({
      status: "reused",
      source: made,
      sourceRun: run.id,
      trigger: { type: "fork", run: run.id, inputs: ["name"] },
      reads: [{ as: "price", change: "untouched" }],
    });
    expect(await kindling.explain(fork.id, "paid")).toMatchObject({ status: "reused", why: "same_reading" });
  });

  it("or given by hand in a fork names who gave it, and nothing that it would have read", async () => {
    const kindling = await openKindling({ contracts: [steps] });
    const run = await kindling.start(steps, { price: 1, name: "n" });
    await run.result();
    const fork = await kindling.fork(run.id, { nodes: { isLarge: true }, actor: person });
    await fork.result();
    expect(await kindling.explain(fork.id, "isLarge")).toMatchObject({
      status: "ran",
      by: { id: "ada" },
      reads: [],
      lineage: { origin: "hand", by: { id: "ada" }, reads: [] },
    });
  });
});

describe("asking", () => {
  it("executes and records nothing, and works on a ledger opened for reading", async () => {
    const folder = `${await temporaryFolder()}/ledger`;
    const asking = contract("asking", {
      inputs: { names: z.array(z.string()) },
      define: (g, { names }) => ({
        total: g.compute("total", {
          needs: {
            each: g.collection("each", {
              over: names,
              as: "name",
              key: (name) => name,
              each: (g, { name }) => g.await("answer", { event: "answered", schema: z.string(), show: { name } }),
            }),
          },
          run: ({ each }) => each.keys.length,
        }),
      }),
    });
    const writing = await openKindling({ contracts: [asking], ledger: fileLedger(folder) });
    const run = await writing.start(asking, { names: ["a"] });
    await run.settled();
    await writing.close();
    const reading = await openKindling({ contracts: [asking], ledger: fileLedger(folder), access: "read" });
    const before = (await reading.facts(run.id)).length;
    expect(await reading.explain(run.id, "total")).toMatchObject({ status: "blocked", causes: [{ path: "each[a]/answer" }] });
    expect(await reading.facts(run.id)).toHaveLength(before);
  });

  it("tells values and prompts nowhere in the text, and values as data only when asked", async () => {
    const secret = "the whole long text of it ".repeat(10);
    const story = contract("story", {
      inputs: { topic: z.string() },
      define: (g, { topic }) =>
        g.llm("text", { needs: { topic }, prompt: ({ topic }) => `PROMPT about ${topic}`, model: "scripted:small" }),
    });
    const kindling = await openKindling({ contracts: [story], models: [scripted([secret])] });
    const run = await kindling.start(story, { topic: "tea" });
    await run.result();
    const told = await kindling.explain(run.id, "text");
    expect(told).toMatchObject({
      lineage: { models: [{ model: "scripted:small", turns: 1, request: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
    });
    expect(JSON.stringify(told)).not.toContain("PROMPT");
    expect(JSON.stringify(told)).not.toContain(secret);
    expect(await kindling.explain(run.id, "text", { values: true })).toMatchObject({ lineage: { value: secret } });
    expect(told.text.split("\n").every((line) => line.length < 300)).toBe(true);
  });
});
