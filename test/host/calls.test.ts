// Calls to the outside: side by side up to limits, stopped by cancel, close and timeout, tried again after a pause.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { single } from "./contracts.ts";
import { factsOf, heldLedger } from "./ledgers.ts";
import { model, textOf } from "./models.ts";
import { nextTurn, openKindling, until } from "./open-host.ts";

const wide = contract("wide", {
  inputs: { topic: z.string() },
  define: (g, { topic }) =>
    Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `n${index}`,
        g.llm(`n${index}`, { needs: { topic }, prompt: ({ topic }) => `${topic} ${index}`, model: "scripted:x" }),
      ]),
    ),
});

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
        slow: g.collection("slow", {
          over: g.compute("list", { needs: { topic }, run: () => ["a", "b", "c", "d", "e"] }),
          as: "item",
          key: (item) => item,
          each: (inner, { item }) => inner.llm("ask", { needs: { item }, prompt: ({ item }) => item, model: "slow:x" }),
        }),
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
          each: (inner, { lang }) =>
            inner.compose("part", {
              needs: { lang },
              child: (deep, { lang }) => deep.await("check", { event: "checked", schema: z.null(), show: { lang } }),
            }),
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
    expect(await kindling.deliver({ event: "checked", run: run.id, path: "posts[en]/part/check", payload: null })).toMatchObject({
      status: "refused",
      code: "run_ended",
    });
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
