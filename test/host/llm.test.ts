// Model nodes: each request and each reply is recorded, so that a crash repeats at most the call that was in flight.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, ModelError, NO_SPENDING } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { scripted } from "../../providers/scripted.ts";
import { factsOf, ledgerWith, logOf } from "./ledgers.ts";
import { model, type textOf } from "./models.ts";
import { openKindling } from "./open-host.ts";

const Verdict = z.object({ ok: z.boolean(), score: z.number() });

const judge = contract("judge", {
  inputs: { text: z.string() },
  define(g, { text }) {
    const verdict = g.llm("verdict", { needs: { text }, prompt: ({ text }) => `judge ${text}`, output: Verdict, model: "scripted:x" });
    return g.compute("score", { needs: { verdict }, run: ({ verdict }) => verdict.score });
  },
});

const good = { ok: true, score: 3 };

describe("a model node", () => {
  it("gives the reply that fits its schema", async () => {
    const kindling = await openKindling({ contracts: [judge], models: [scripted([good])] });
    const run = await kindling.start(judge, { text: "a" });
    expect(await run.result()).toBe(3);
    expect((await run.facts()).filter(({ type }) => type.startsWith("model."))).toMatchObject([
      { type: "model.requested", turn: 1, model: "scripted:x", path: "verdict" },
      { type: "model.replied", turn: 1 },
    ]);
  });

  it("asks once more when the reply does not fit, and tells what is wrong with it", async () => {
    const provider = scripted([{ ok: true, score: "high" }, good]);
    const kindling = await openKindling({ contracts: [judge], models: [provider] });
    const run = await kindling.start(judge, { text: "a" });
    expect(await run.result()).toBe(3);
    expect(JSON.stringify(provider.requests[1]?.messages)).toContain("score");
    expect((await run.facts()).flatMap((fact) => (fact.type === "model.replied" ? [fact.turn] : []))).toEqual([1, 2]);
  });

  it("fails when the repaired reply does not fit either, without a third try", async () => {
    const provider = model({ wrong: true });
    const kindling = await openKindling({ contracts: [judge], models: [provider] });
    const run = await kindling.start(judge, { text: "a" });
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "invalid_output" } } });
    expect(provider.requests).toHaveLength(2);
  });

  it.each([
    ["refusal", "refused"],
    ["length", "truncated"],
    ["context-window", "context_too_long"],
  ] as const)("fails at once when the reply stops for %s", async (reason, code) => {
    const provider = model({ content: [{ type: "text", text: "{" }], stop: { reason } });
    const kindling = await openKindling({ contracts: [judge], models: [provider] });
    const run = await kindling.start(judge, { text: "a" });
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code } } });
    expect(provider.requests).toHaveLength(1);
    expect((await run.get()).spending.calls, "what it cost is counted all the same").toBe(1);
  });

  it("goes on after a crash at any commit without asking again what was answered", async () => {
    const answer = (request: Parameters<typeof textOf>[0]) => (request.messages.length === 1 ? { ok: true, score: "high" } : good);
    const place = memoryLedger();
    const first = await openKindling({ contracts: [judge], models: [model(answer)], ledger: place });
    const run = await first.start(judge, { text: "a" });
    await run.result();
    await first.close();
    const log = await logOf(place);
    for (let commits = 1; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      const replied = (await factsOf(cut)).filter(({ type }) => type === "model.replied").length;
      const provider = model(answer);
      const kindling = await openKindling({ contracts: [judge], models: [provider], ledger: cut });
      expect(await (await kindling.run(run.id)).result(), `cut after ${commits}`).toBe(3);
      expect(provider.requests, `cut after ${commits}`).toHaveLength(2 - replied);
      await kindling.close();
    }
  });

  it("counts money and tokens once, also over a restart, and tells how many calls had no known price", async () => {
    const priced = {
      content: [{ type: "text" as const, text: JSON.stringify(good) }],
      usage: { input: 10, output: 5, cacheRead: null, cacheWrite: null, reasoning: null },
    };
    const place = memoryLedger();
    const prices = { asOf: "2026-11-21", source: "made up", models: { "scripted:x": { input: 1_000_000, output: 2_000_000 } } };
    const kindling = await openKindling({ contracts: [judge], models: [model(priced)], ledger: place, prices });
    const run = await kindling.start(judge, { text: "a" });
    await run.result();
    expect((await run.get()).spending).toEqual({ ...NO_SPENDING, calls: 1, inputTokens: 10, outputTokens: 5, knownUsd: 20 });
    await kindling.close();
    const again = await openKindling({ contracts: [judge], models: [model(priced)], ledger: place });
    expect((await again.get(run.id))?.spending.knownUsd, "what was recorded stays").toBe(20);
    const unpriced = await again.start(judge, { text: "b" });
    await unpriced.result();
    expect((await unpriced.get()).spending).toMatchObject({ calls: 1, knownUsd: 0, unpricedCalls: 1 });
  });

  it("asks anew after a fault of the provider, and keeps the turn that was answered", async () => {
    const provider = scripted([
      { ok: true, score: "high" },
      new ModelError("overloaded", "busy", { provider: "scripted", retryable: true }),
      good,
    ]);
    const patient = contract("patient", {
      inputs: { text: z.string() },
      define: (g, { text }) =>
        g.llm("verdict", {
          needs: { text },
          prompt: ({ text }) => text,
          output: Verdict,
          model: "scripted:x",
          retry: { attempts: 2, backoff: 1 },
        }),
    });
    const kindling = await openKindling({ contracts: [patient], models: [provider] });
    const run = await kindling.start(patient, { text: "a" });
    expect(await run.result()).toEqual(good);
    expect(
      provider.requests.map(({ messages }) => messages.length),
      "the first turn is not asked again",
    ).toEqual([1, 3, 3]);
  });
});
