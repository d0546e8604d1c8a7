// Attempts that fail: tried again after a pause, with the same key, also by the next process.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, ModelError } from "../../src/index.ts";
import { manualClock, memoryLedger, seededChance } from "../../src/testing.ts";
import { single } from "./contracts.ts";
import { crashed, factsOf } from "./ledgers.ts";
import { model, textOf } from "./models.ts";
import { nextTurn, openKindling, until } from "./open-host.ts";

const overloaded = (retryAfterMs?: number) =>
  new ModelError("overloaded", "busy", { provider: "scripted", retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

describe("a failed attempt", () => {
  it("is tried again after a pause with jitter, as often as the node says", async () => {
    const clock = manualClock();
    const kindling = await openKindling({
      contracts: [single({ attempts: 3 })],
      models: [model(overloaded())],
      clock,
      chance: seededChance(1),
    });
    const run = await kindling.start("single", { topic: "t" });
    for (let tries = 0; tries < 2; tries++) {
      await until(() => clock.pending.length > 0);
      expect(Math.max(...clock.pending) - clock.now()).toBeLessThanOrEqual(1_000 * 2 ** tries);
      clock.advance(2_000);
    }
    await expect(run.result()).rejects.toMatchObject({ code: "run_failed" });
    expect((await run.facts()).filter(({ type }) => type === "node.failed")).toHaveLength(3);
  });

  it("waits as long as the provider asks, also across a restart", async () => {
    const clock = manualClock();
    const place = memoryLedger();
    const first = await openKindling({ contracts: [single({ attempts: 2 })], models: [model(overloaded(120_000))], ledger: place, clock });
    const { id } = await first.start("single", { topic: "t" });
    await until(async () => (await factsOf(place)).some(({ type }) => type === "node.failed"));
    const cut = await crashed(place);
    await first.close();
    clock.advance(119_000);
    const scripted = model("done");
    const again = await openKindling({ contracts: [single({ attempts: 2 })], models: [scripted], ledger: cut, clock });
    await nextTurn(10);
    expect(scripted.requests).toHaveLength(0);
    clock.advance(1_000);
    expect(await (await again.run(id)).result()).toBe("done");
  });

  it("whose pause was over before the restart is tried again at once", async () => {
    const clock = manualClock();
    const place = memoryLedger();
    const first = await openKindling({ contracts: [single({ attempts: 2 })], models: [model(overloaded(120_000))], ledger: place, clock });
    const { id } = await first.start("single", { topic: "t" });
    await until(async () => (await factsOf(place)).some(({ type }) => type === "node.failed"));
    await first.close();
    clock.advance(1_000_000);
    const again = await openKindling({ contracts: [single({ attempts: 2 })], models: [model("done")], ledger: place, clock });
    expect(await (await again.run(id)).result()).toBe("done");
  });

  it("that will not help is not tried again", async () => {
    const scripted = model(new ModelError("auth", "no", { provider: "scripted", retryable: false }));
    const kindling = await openKindling({ contracts: [single({ attempts: 5 })], models: [scripted] });
    const run = await kindling.start("single", { topic: "t" });
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "auth" } } });
    expect(scripted.requests).toHaveLength(1);
  });

  it("by timeout aborts its signal, and the next one gets a new one", async () => {
    const clock = manualClock();
    const signals: AbortSignal[] = [];
    const scripted = model((_, { signal }) => {
      signals.push(signal);
      return signals.length === 1 ? new Promise(() => {}) : "second";
    });
    const kindling = await openKindling({
      contracts: [single({ timeout: 5_000, attempts: 2 })],
      models: [scripted],
      clock,
      chance: seededChance(1),
    });
    const run = await kindling.start("single", { topic: "t" });
    await until(() => signals.length === 1);
    clock.advance(5_000);
    await until(async () => (await run.facts()).some(({ type }) => type === "node.failed"));
    clock.advance(1_000);
    expect(await run.result()).toBe("second");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect((await run.facts()).find(({ type }) => type === "node.failed")).toMatchObject({ error: { code: "attempt_timed_out" } });
  });

  it("that waits for its pause does not hold up a run that is lost for another reason", async () => {
    const clock = manualClock();
    const both = contract("both", {
      inputs: { topic: z.string() },
      define: (g, { topic }) => ({
        patient: g.llm("patient", { needs: { topic }, prompt: () => "patient", model: "scripted:x", retry: { attempts: 5 } }),
        hopeless: g.llm("hopeless", { needs: { topic }, prompt: () => "hopeless", model: "scripted:x" }),
      }),
    });
    const gate = Promise.withResolvers<void>();
    const scripted = model(async (request) => {
      if (textOf(request) === "patient") return overloaded(600_000);
      await gate.promise;
      return new ModelError("auth", "no", { provider: "scripted", retryable: false });
    });
    const kindling = await openKindling({ contracts: [both], models: [scripted], clock });
    const run = await kindling.start(both, { topic: "t" });
    await until(async () => (await run.facts()).some(({ type }) => type === "node.failed"));
    gate.resolve();
    await expect(run.result({ signal: AbortSignal.timeout(20_000) })).rejects.toMatchObject({ code: "run_failed" });
  });
});

describe("the idempotency key (G4)", () => {
  it("is the same over attempts and processes, and another one for each node and item", async () => {
    const clock = manualClock();
    const keysSeen: (string | undefined)[] = [];
    const place = memoryLedger();
    const first = await openKindling({
      contracts: [single({ attempts: 3 })],
      models: [model((_, { idempotencyKey }) => (keysSeen.push(idempotencyKey), overloaded()))],
      ledger: place,
      clock,
      chance: seededChance(1),
    });
    const run = await first.start("single", { topic: "t" });
    await until(() => clock.pending.length > 0);
    clock.advance(2_000);
    await until(() => keysSeen.length === 2);
    await until(() => clock.pending.length > 0);
    await first.close();
    clock.advance(10_000);
    const again = await openKindling({
      contracts: [single({ attempts: 3 })],
      models: [model((_, { idempotencyKey }) => (keysSeen.push(idempotencyKey), "done"))],
      ledger: place,
      clock,
    });
    await (await again.run(run.id)).result();
    expect(new Set(keysSeen)).toEqual(new Set([`${run.id}:draft`]));
    expect(keysSeen).toHaveLength(3);
  });
});
