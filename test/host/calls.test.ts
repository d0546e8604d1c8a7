// Calls to the outside: side by side up to limits, stopped by cancel, close and timeout, tried again after a pause.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, ModelError } from "../../src/index.ts";
import { manualClock, memoryLedger, seededChance } from "../../src/testing.ts";
import { crashed, factsOf, heldLedger } from "./ledgers.ts";
import { model, textOf } from "./models.ts";
import { nextTurn, openKindling, until } from "./open-host.ts";

const wide = contract("wide", {
  inputs: { topic: z.string() },
  define: (g, { topic }) => Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`n${index}`, g.llm(`n${index}`, { needs: { topic }, prompt: ({ topic }) => `${topic} ${index}`, model: "scripted:x" })])),
});

const single = (options: { readonly timeout?: number; readonly attempts?: number; readonly backoff?: number } = {}) =>
  contract("single", {
    inputs: { topic: z.string() },
    define: (g, { topic }) =>
      g.llm("draft", {
        needs: { topic },
        prompt: ({ topic }) => topic,
        model: "scripted:x",
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
        ...(options.attempts === undefined ? {} : { retry: { attempts: options.attempts, backoff: options.backoff ?? 1_000 } }),
      }),
  });

const overloaded = (retryAfterMs?: number) => new ModelError("overloaded", "busy", { provider: "scripted", retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** Answers only when it is let go, and counts how many wait at once. */
function gatedModel(id = "scripted") {
  const gates: PromiseWithResolvers<void>[] = [];
  let atOnce = 0;
  let most = 0;
  const signals: AbortSignal[] = [];
  const scripted = model(async (request, { signal }) => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    signals.push(signal);
    most = Math.max(most, (atOnce += 1));
    await gate.promise;
    atOnce -= 1;
    return textOf(request);
  }, id);
  return { scripted, gates, signals, most: () => most };
}

describe("calls run side by side (R8)", () => {
  it("up to the limit of the runtime, and no more", async () => {
    const { scripted, gates, most } = gatedModel();
    const kindling = await openKindling({ contracts: [wide], models: [scripted], limits: { calls: 5, perResource: 100 } });
    const run = await kindling.start(wide, { topic: "t" });
    await until(() => gates.length === 5);
    await nextTurn(5);
    expect(gates).toHaveLength(5);
    for (let done = 0; done < 12; done++) {
      await until(() => gates.length > done);
      gates[done]?.resolve();
    }
    await run.result();
    expect(most()).toBe(5);
  });

  it("up to the limit of their provider, and a slow provider blocks no other", async () => {
    const slow = gatedModel("slow");
    const quick = model((request) => textOf(request), "quick");
    const two = contract("two", {
      inputs: { topic: z.string() },
      define: (g, { topic }) => ({
        slow: g.collection("slow", { over: g.compute("list", { needs: { topic }, run: () => ["a", "b", "c", "d", "e"] }), as: "item", key: (item) => item, each: (inner, { item }) => inner.llm("ask", { needs: { item }, prompt: ({ item }) => item, model: "slow:x" }) }),
        quick: g.llm("quick", { needs: { topic }, prompt: ({ topic }) => topic, model: "quick:x" }),
      }),
    });
    const kindling = await openKindling({ contracts: [two], models: [slow.scripted, quick], limits: { calls: 3, perResource: 2 } });
    const run = await kindling.start(two, { topic: "t" });
    await until(async () => (await run.get()).nodes.find(({ name }) => name === "quick")?.status === "succeeded");
    expect(slow.gates).toHaveLength(2);
    for (let done = 0; done < 5; done++) {
      await until(() => slow.gates.length > done);
      slow.gates[done]?.resolve();
    }
    await run.result();
    expect(slow.most()).toBe(2);
  });
});

describe("a cancel", () => {
  it("reaches the signal of every call in flight, and those that wait for their turn are never made", async () => {
    const { scripted, gates, signals } = gatedModel();
    const kindling = await openKindling({ contracts: [wide], models: [scripted], limits: { calls: 3 } });
    const run = await kindling.start(wide, { topic: "t" });
    await until(() => gates.length === 3);
    expect((await run.cancel()).status).toBe("cancelled");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    for (const gate of gates) gate.resolve();
    await nextTurn(20);
    expect(scripted.requests).toHaveLength(3);
  });

  it("of a run whose only call waits for its turn keeps that call from being made, and so does closing", async () => {
    const { scripted, gates } = gatedModel();
    const one = single();
    const kindling = await openKindling({ contracts: [one], models: [scripted], limits: { calls: 1 } });
    await kindling.start(one, { topic: "first" });
    await until(() => gates.length === 1);
    const second = await kindling.start(one, { topic: "second" });
    await kindling.start(one, { topic: "third" });
    await second.cancel();
    await kindling.close();
    for (const gate of gates) gate.resolve();
    await nextTurn(20);
    expect(scripted.asked).toEqual(["first"]);
  });

  it("before the attempt is durable keeps the call from being made", async () => {
    const later = contract("later", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define(g, { id }) {
        const go = g.await("go", { event: "go", schema: z.null(), show: { id } });
        return g.llm("ask", { needs: { go }, prompt: () => "asked", model: "scripted:x" });
      },
    });
    const held = heldLedger();
    const scripted = model("done");
    const kindling = await openKindling({ contracts: [later], models: [scripted], ledger: held });
    const run = await kindling.start(later, { id: "1" });
    held.hold();
    const delivering = kindling.deliver({ event: "go", run: run.id, payload: null });
    await nextTurn(5);
    const cancelling = run.cancel();
    await nextTurn(5);
    held.release();
    await Promise.all([delivering, cancelling]);
    await nextTurn(20);
    expect(scripted.asked).toEqual([]);
  });

  it("of a tree ends its children, in memory or waiting, and their awaits leave the inbox", async () => {
    const tree = contract("tree", {
      inputs: { langs: z.array(z.string()) },
      define: (g, { langs }) =>
        g.collection("posts", {
          over: langs,
          as: "lang",
          key: (lang) => lang,
          each: (inner, { lang }) => inner.compose("part", { needs: { lang }, child: (deep, { lang }) => deep.await("check", { event: "checked", schema: z.null(), show: { lang } }) }),
        }),
    });
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [tree], ledger: place });
    const run = await kindling.start(tree, { langs: ["en", "de", "fr"] });
    await run.settled();
    expect(await kindling.inbox()).toHaveLength(3);
    await run.cancel();
    await until(async () => (await kindling.inbox()).length === 0);
    expect((await factsOf(place)).filter(({ type }) => type === "run.cancelled")).toHaveLength(7);
    expect(await kindling.deliver({ event: "checked", run: run.id, path: "posts[en]/part/check", payload: null })).toMatchObject({ status: "refused", code: "run_ended" });
  });
});

describe("closing the runtime", () => {
  it("aborts the calls in flight, makes none of those that wait, and records no failure", async () => {
    const { scripted, gates, signals } = gatedModel();
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [wide], models: [scripted], ledger: place, limits: { calls: 2 } });
    const run = await kindling.start(wide, { topic: "t" });
    await until(() => gates.length === 2);
    await kindling.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    for (const gate of gates) gate.resolve();
    await nextTurn(20);
    expect(scripted.requests).toHaveLength(2);
    expect((await factsOf(place)).filter(({ type }) => type === "node.failed")).toEqual([]);
    const again = await openKindling({ contracts: [wide], models: [model((request) => textOf(request))], ledger: place });
    expect(await (await again.run(run.id)).result()).toMatchObject({ n11: "t 11" });
  });
});

describe("a failed attempt", () => {
  it("is tried again after a pause with jitter, as often as the node says", async () => {
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [single({ attempts: 3 })], models: [model(overloaded())], clock, chance: seededChance(1) });
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
    const kindling = await openKindling({ contracts: [single({ timeout: 5_000, attempts: 2 })], models: [scripted], clock, chance: seededChance(1) });
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
    await expect(run.result({ signal: AbortSignal.timeout(2_000) })).rejects.toMatchObject({ code: "run_failed" });
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
    const again = await openKindling({ contracts: [single({ attempts: 3 })], models: [model((_, { idempotencyKey }) => (keysSeen.push(idempotencyKey), "done"))], ledger: place, clock });
    await (await again.run(run.id)).result();
    expect(new Set(keysSeen)).toEqual(new Set([`${run.id}:draft`]));
    expect(keysSeen).toHaveLength(3);
  });
});
